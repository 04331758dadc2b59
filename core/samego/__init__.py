"""samego: is your distro's Go the same Go that go.dev ships?"""

// Check log proofs with torchwood: a key in NAME+HASH+KEY form as the argument, and on each line of
// stdin a record and a proof, both in base64.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// The checksum database's origin line is not the name of its key.
	policy := torchwood.ThresholdPolicy(2,
		torchwood.OriginPolicy("go.sum database tree"), torchwood.SingleVerifierPolicy(verifier))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		record, proof, _ := strings.Cut(lines.Text(), " ")
		if err := torchwood.VerifyProof(policy, tlog.RecordHash(decode(record)), decode(proof)); err != nil {
			fmt.Printf("refused: %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("accepted")
		}
	}
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		log.Fatal(err)
	}
	return data
}

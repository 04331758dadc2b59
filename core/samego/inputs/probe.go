// The probe: what a Go program sees of the environment that it runs in, as JSON.
//
// It is built by the toolchain whose build is varied, and started as that build's processes
// are, so that what it does not see as varied is not said to have been.
//
//	probe report GOROOT               print what is seen
//	probe host HOST DOMAIN COMMAND    set both names, and become the command
//
// The second one is there because no tool that every machine has sets a domain name.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	layout               = "2006-01-02T15:04:05-07:00"
	addrNoRandomize      = 0x0040000 // linux/personality.h
	prCapAmbient         = 47        // linux/prctl.h
	prCapAmbientClearAll = 4
)

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "report":
		report(os.Args[2])
	case len(os.Args) > 4 && os.Args[1] == "host":
		become(os.Args[2], os.Args[3], os.Args[4:])
	default:
		fail(errors.New("usage: probe report GOROOT | probe host HOST DOMAIN COMMAND"))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "probe:", err)
	os.Exit(1)
}

// become sets the names of its UTS namespace, gives the right to do so away, and becomes the
// command.
func become(host, domain string, command []string) {
	if err := syscall.Sethostname([]byte(host)); err != nil {
		fail(err)
	}
	if err := syscall.Setdomainname([]byte(domain)); err != nil {
		fail(err)
	}
	runtime.LockOSThread() // the ambient set is a thread's, and exec takes this one's
	syscall.RawSyscall6(syscall.SYS_PRCTL, prCapAmbient, prCapAmbientClearAll, 0, 0, 0, 0)
	path, err := exec.LookPath(command[0])
	if err != nil {
		fail(err)
	}
	fail(syscall.Exec(path, command, os.Environ()))
}

func report(goroot string) {
	var uts syscall.Utsname
	if err := syscall.Uname(&uts); err != nil {
		fail(err)
	}
	umask := syscall.Umask(0)
	syscall.Umask(umask)
	_, offset := time.Now().Zone()
	seen := map[string]string{
		"build_path":   goroot,
		"user_group":   fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()),
		"host":         text(uts.Nodename[:]),
		"domain":       text(uts.Domainname[:]),
		"home":         os.Getenv("HOME"),
		"environment":  names(),
		"locales":      os.Getenv("LC_ALL"),
		"timezone":     strconv.Itoa(offset),
		"umask":        fmt.Sprintf("%04o", umask),
		"num_cpus":     strconv.Itoa(runtime.NumCPU()),
		"parallelism":  strconv.Itoa(runtime.GOMAXPROCS(0)),
		"kernel":       text(uts.Release[:]),
		"aslr":         layoutOfMemory(),
		"exec_path":    os.Getenv("PATH"),
		"file_system":  filesystem(goroot),
		"fileordering": order(goroot + "/src"),
		"timestamps":   stamp(goroot + "/VERSION"),
		"time":         time.Now().UTC().Format(layout),
		"arch":         runtime.GOOS + "-" + runtime.GOARCH,
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		fail(err)
	}
}

// names of the environment's variables: no value leaves the build.
func names() string {
	var found []string
	for _, each := range os.Environ() {
		name, _, _ := strings.Cut(each, "=")
		found = append(found, name)
	}
	sort.Strings(found)
	return strings.Join(found, " ")
}

// layoutOfMemory says whether the kernel lays processes out by chance.
func layoutOfMemory() string {
	data, err := os.ReadFile("/proc/self/personality")
	if err != nil {
		return "not to be read"
	}
	flags, err := strconv.ParseUint(strings.TrimSpace(string(data)), 16, 64)
	if err != nil {
		fail(err)
	}
	if flags&addrNoRandomize != 0 {
		return "fixed"
	}
	return "random"
}

func filesystem(directory string) string {
	var found syscall.Statfs_t
	if err := syscall.Statfs(directory, &found); err != nil {
		fail(err)
	}
	return fmt.Sprintf("%#x", uint32(found.Type))
}

// order stands for the order in which the kernel lists a directory.
func order(directory string) string {
	file, err := os.Open(directory)
	if err != nil {
		fail(err)
	}
	defer file.Close()
	found, err := file.Readdirnames(-1)
	if err != nil {
		fail(err)
	}
	sum := sha256.Sum256([]byte(strings.Join(found, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func stamp(path string) string {
	found, err := os.Stat(path)
	if err != nil {
		fail(err)
	}
	return found.ModTime().UTC().Format(layout)
}

type char interface{ ~int8 | ~uint8 }

func text[C char](field []C) string {
	var found []byte
	for _, each := range field {
		if each == 0 {
			break
		}
		found = append(found, byte(each))
	}
	return string(found)
}

// Validate statements with in-toto's own library: one JSON statement on each line of stdin.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	vsa "github.com/in-toto/attestation/go/predicates/vsa/v1"
	statement "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// Fields that a format does not know are passed over, as in-toto asks of readers.
var lenient = protojson.UnmarshalOptions{DiscardUnknown: true}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if kind, err := validate(lines.Bytes()); err != nil {
			fmt.Printf("refused: %s: %v\n", kind, err)
		} else {
			fmt.Printf("valid: %s\n", kind)
		}
	}
}

func validate(data []byte) (string, error) {
	var s statement.Statement
	// Every field of a statement is known.
	if err := protojson.Unmarshal(data, &s); err != nil {
		return "", err
	}
	if err := s.Validate(); err != nil {
		return s.PredicateType, err
	}
	predicate, err := s.Predicate.MarshalJSON()
	if err != nil {
		return s.PredicateType, err
	}
	return s.PredicateType, validatePredicate(s.PredicateType, predicate)
}

func validatePredicate(kind string, data []byte) error {
	switch kind {
	case "https://slsa.dev/provenance/v1":
		var p provenance.Provenance
		// The library's message has every field of this format.
		if err := protojson.Unmarshal(data, &p); err != nil {
			return err
		}
		return p.Validate()
	case "https://slsa.dev/verification_summary/v1":
		var v vsa.VerificationSummary
		return lenient.Unmarshal(data, &v)
	case "https://in-toto.io/attestation/test-result/v0.1":
		var r testresult.TestResult
		return protojson.Unmarshal(data, &r)
	case "https://in-toto.io/attestation/svr/v0.2":
		return validateSVR(data)
	}
	return fmt.Errorf("unknown predicate")
}

// The library has no message of v0.2 yet: these are the fields of spec/predicates/svr.md, the
// policies as the library's own resource descriptors.
func validateSVR(data []byte) error {
	var s struct {
		Verifier *struct {
			ID       string             `json:"id"`
			Policies *[]json.RawMessage `json:"policies"`
		} `json:"verifier"`
		TimeCreated time.Time `json:"timeCreated"`
		Properties  *[]string `json:"properties"`
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s.Verifier == nil || s.Verifier.ID == "" || s.Verifier.Policies == nil ||
		s.Properties == nil || s.TimeCreated.IsZero() {
		return fmt.Errorf("a required field is missing")
	}
	for _, each := range *s.Verifier.Policies {
		var descriptor statement.ResourceDescriptor
		if err := protojson.Unmarshal(each, &descriptor); err != nil {
			return err
		}
		if err := descriptor.Validate(); err != nil {
			return err
		}
	}
	return nil
}

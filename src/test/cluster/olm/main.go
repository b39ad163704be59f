// Validates an OLM bundle, a folder with manifests and metadata, by the library of operator-framework: what OLM's own tools find. Prints a
// line for each finding and then one word, valid or invalid, by whether one is an error.
package main

import (
	"fmt"
	"os"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
)

func main() {
	bundle, err := manifests.GetBundleFromDir(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	validators := validation.DefaultBundleValidators.WithValidators(
		validation.OperatorHubV2Validator, validation.StandardCategoriesValidator, validation.GoodPracticesValidator)
	verdict := "valid"
	for _, result := range validators.Validate(bundle.ObjectsToValidate()...) {
		for _, finding := range append(result.Errors, result.Warnings...) {
			fmt.Println(finding.Error())
		}
		if result.HasError() {
			verdict = "invalid"
		}
	}
	fmt.Println(verdict)
}

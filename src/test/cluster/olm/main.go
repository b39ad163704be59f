// Validates an OLM bundle, a folder with manifests and metadata, by the library of operator-framework: what OLM's own tools find. Prints a
// line for each finding, and ends with 1 if there is one.
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
	// Without AlphaDeprecatedAPIsValidator, which takes every right on PodDisruptionBudgets for one on policy/v1beta1.
	validators := validation.DefaultBundleValidators.WithValidators(
		validation.OperatorHubV2Validator, validation.StandardCategoriesValidator, validation.GoodPracticesValidator)
	findings := 0
	for _, result := range validators.Validate(bundle.ObjectsToValidate()...) {
		for _, finding := range append(result.Errors, result.Warnings...) {
			fmt.Println(finding.Error())
			findings++
		}
	}
	if findings > 0 {
		os.Exit(1)
	}
	fmt.Println("valid")
}

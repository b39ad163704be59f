// Command amb-pod is what test pods run when no program of Debian's would do: it holds a pod's namespaces open, answers
// admission requests, and tells when a file changed.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "pause":
		pause()
	case len(os.Args) == 3 && os.Args[1] == "webhook":
		webhook(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "watch":
		watch(os.Args[2])
	default:
		log.Fatal("usage: amb-pod pause | webhook DNS_NAME | watch FILE")
	}
}

// pause is the first process of a pod's sandbox: it does nothing until it is told to end.
func pause() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	<-end
}

// webhook adds an annotation to every object it is asked about. It prints the certificate it made for itself, which is
// also the CA bundle that its caller needs.
func webhook(name string) {
	certificate := selfSigned(name)
	err := pem.Encode(os.Stdout, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:      ":8443",
		Handler:   http.HandlerFunc(admit),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}

func admit(response http.ResponseWriter, request *http.Request) {
	var review struct {
		Request struct {
			UID string `json:"uid"`
		} `json:"request"`
	}
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	patch := `[{"op": "add", "path": "/metadata/annotations", "value": {"amb-test/admitted": "yes"}}]`
	response.Header().Set("Content-Type", "application/json")
	err := json.NewEncoder(response).Encode(map[string]any{
		"apiVersion": "admission.k8s.io/v1",
		"kind":       "AdmissionReview",
		"response": map[string]any{
			"uid":       review.Request.UID,
			"allowed":   true,
			"patchType": "JSONPatch",
			"patch":     base64.StdEncoding.EncodeToString([]byte(patch)),
		},
	})
	if err != nil {
		log.Print(err)
	}
}

func selfSigned(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		DNSNames:     []string{name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}
}

// watch prints the time in milliseconds since 1970, and what the file says, whenever that is something new.
func watch(file string) {
	seen := ""
	for range time.Tick(2 * time.Millisecond) {
		content, err := os.ReadFile(file)
		if err == nil && string(content) != seen {
			seen = string(content)
			fmt.Printf("%d %s\n", time.Now().UnixMilli(), seen)
		}
	}
}

package main

import "os"

// bundles are where Linux distributions keep all root certificates in one file, in the order in which Go looks for them
// (crypto/x509, root_linux.go): Debian's place, and that of Red Hat and of the platform.
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// wholeBundle is less than any bundle of all roots has, in bytes.
const wholeBundle = 64 << 10

// readRootsOnce keeps Go from reading the system's root certificates again and again: after the bundle it reads every
// file of the folders around it, which hold the same certificates one by one and the bundle itself once more. To read
// them takes most of a cold start's processor time. What is trusted is still the system's roots and nothing else:
// there may be fewer, never more. Whoever sets SSL_CERT_FILE or SSL_CERT_DIR is not interfered with.
//
// Each root is still parsed, once. That could be left out only by connecting twice, to hear first who vouches for the
// server, or by taking the check out of crypto/tls; neither is worth two milliseconds.
func readRootsOnce() {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return
	}
	for _, bundle := range bundles {
		if info, err := os.Stat(bundle); err == nil {
			if info.Size() >= wholeBundle {
				os.Setenv("SSL_CERT_DIR", os.DevNull)
			}
			return
		}
	}
}

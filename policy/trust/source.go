package trust

// sources are the key sources, as the access file spells them.
var sources = []struct {
	field string
	given func(Issuer) bool
}{
	{"jwksUri", func(i Issuer) bool { return i.JWKSURI != "" }},
	{"discovery", func(i Issuer) bool { return i.Discovery }},
	{"jwks", func(i Issuer) bool { return i.JWKS != "" }},
	{"publicKey", func(i Issuer) bool { return len(i.PublicKeys) > 0 }},
	{secretField, func(i Issuer) bool { return len(i.Secrets) > 0 }},
}

const secretField = "secret"

// Sources lists the fields that name a key source.
func Sources() (fields []string) {
	for _, s := range sources {
		fields = append(fields, s.field)
	}
	return fields
}

// publicSources lists those of the issuer's fields that name a source of public keys.
func (i Issuer) publicSources() (fields []string) {
	for _, s := range sources {
		if s.field != secretField && s.given(i) {
			fields = append(fields, s.field)
		}
	}
	return fields
}

func (i Issuer) checkSources(p *problems) {
	public := i.publicSources()
	switch {
	case len(public) == 0 && len(i.Secrets) == 0:
		p.add("", "has no key source: name one of %s", list(Sources()))
	case len(public) > 1:
		const message = "has %d sources of public keys (%s): keep exactly one, beside secret at most"
		p.add("", message, len(public), list(public))
	}
	if len(i.Secrets) > MaxKeys {
		p.add(secretField, "keep at most %d", MaxKeys)
	}
	if len(i.PublicKeys) > MaxKeys {
		p.add("publicKey", "keep at most %d", MaxKeys)
	}
	for at, secret := range i.Secrets {
		if secret.holdsPEM() {
			p.at(secretField, at, "is a PEM file, not a secret: "+
				"a public key belongs in publicKey, a private one nowhere here")
		}
	}
}

// checkAlgorithms keeps public keys and shared secrets apart: an issuer that took both for one algorithm would let
// anyone who knows its public key sign with it as if it were a secret.
func (i Issuer) checkAlgorithms(p *problems) {
	public := i.publicSources()
	both := len(public) == 1 && len(i.Secrets) > 0
	switch {
	case len(i.Algorithms) > 0:
	case both:
		p.add("algorithms", "says which tokens are whose where there is a secret beside %s: "+
			"name those of both, as in [HS256, RS256]", public[0])
		return
	default:
		p.add("algorithms", "name at least one algorithm")
	}
	least, used := 0, map[bool]bool{} // by whether it is a secret
	for at, name := range i.Algorithms {
		algorithm, known := Find(name)
		least = max(least, algorithm.SecretBytes)
		used[algorithm.Key == Shared] = true
		switch {
		case len(public) == 0 && len(i.Secrets) > 0 && algorithm.Key != Shared:
			p.at("algorithms", at, "does not go with a secret: that takes %s; "+
				"another needs a public key source beside it", list(names(true)))
		case !known:
			const message = "is not an algorithm that can be used: choose from %s"
			p.at("algorithms", at, message, list(i.usable()))
		case len(i.Secrets) == 0 && algorithm.Key == Shared:
			p.at("algorithms", at, "needs a secret, and this issuer has none: "+
				"write secret: ${JWT_SECRET} too, or take it out")
		}
	}
	if both && !used[true] {
		p.add(secretField, "is used by none of algorithms: add HS256 there, or take the secret out")
	}
	if both && !used[false] {
		p.add(public[0], "is used by none of algorithms: add RS256 or ES256 there, or take it out")
	}
	for at, secret := range i.Secrets {
		if len(secret) < least {
			p.at(secretField, at, "is shorter than the %d bytes that its algorithm needs: "+
				"make one with `openssl rand -base64 48`", least)
		}
	}
}

// usable lists the algorithms of the kinds of keys that the issuer has.
func (i Issuer) usable() []string {
	var all []string
	if len(i.Secrets) == 0 || len(i.publicSources()) > 0 {
		all = names(false)
	}
	if len(i.Secrets) > 0 {
		all = append(all, names(true)...)
	}
	return all
}

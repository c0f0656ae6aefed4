package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cos-credentials/function/login"
	"cos-credentials/policy/trust"
)

// words says why a rule refuses the token, with the values. A rule that has no words here has its reason.
func (s seen) words(r login.Refused) string {
	var why *login.Error
	if !errors.As(r.Err, &why) {
		return r.Err.Error()
	}
	reason := strings.TrimPrefix(why.Reason, "issuer "+s.issuer.Name+": ")
	if why.Kind == login.KeysUnavailable {
		return "the keys of issuer " + s.issuer.Name + " can't be had: " + reason
	}
	switch r.Rule {
	case "form":
		return reason + s.aboutForm()
	case "header", "kid", "typ":
		return fmt.Sprintf("%s; the header is %s", reason, value(s.header))
	case "iss":
		return s.aboutIssuer()
	case "alg":
		return fmt.Sprintf("alg is %s; issuer %s has %s: if it signs so, name it in algorithms",
			value(s.header["alg"]), s.issuer.Name, strings.Join(s.issuer.Algorithms, ", "))
	case "aud":
		return s.aboutAudience()
	case "sub":
		return reason + ": " + s.is(s.issuer.Subject.Name()) + s.aboutSubject()
	case "dates":
		return fmt.Sprintf("%s: %s, %s, %s", reason, s.is("exp"), s.is("nbf"), s.is("iat"))
	case "life left":
		return fmt.Sprintf("it ends in %d s (%s); issuer %s has maxLifetimeSeconds: %d",
			s.date("exp").Unix()-s.now.Unix(), s.when("exp"), s.issuer.Name, s.issuer.MaxLifetime/time.Second)
	case "whole life":
		return fmt.Sprintf("it lives %d s, from iat (%s) to exp (%s); issuer %s has maxLifetimeSeconds: %d",
			s.date("exp").Unix()-s.date("iat").Unix(), s.when("iat"), s.when("exp"),
			s.issuer.Name, s.issuer.MaxLifetime/time.Second)
	case "signature":
		return reason + s.aboutSignature()
	case "require", "refuse":
		return s.aboutClaims(r.Rule)
	case "TOKENS_NOT_BEFORE":
		return "iat is " + s.when("iat") + "; TOKENS_NOT_BEFORE is " + s.revoked.NotBefore.UTC().Format(time.RFC3339)
	case "times":
		return fmt.Sprintf("%s: exp is %s, nbf %s, iat %s; it is %s, and leewaySeconds is %d", reason,
			s.when("exp"), s.when("nbf"), s.when("iat"), s.now.UTC().Format(time.RFC3339), s.issuer.Leeway/time.Second)
	case "BLOCKED":
		return "BLOCKED names this user: " + s.issuer.Name + "/" + s.user
	}
	return reason
}

func (s seen) aboutForm() string {
	switch s.segments {
	case 1:
		return ": it is opaque, and only its issuer can read it; ask the issuer for a JWT, often by naming an audience"
	case 5:
		return ": it is encrypted; ask the issuer for one that is only signed, often by naming an audience"
	}
	return ""
}

func (s seen) aboutIssuer() string {
	iss, is := s.claims["iss"].(string)
	if !is || iss == "" {
		return s.is("iss") + "; a login's issuer puts its name there"
	}
	var known []string
	for _, i := range s.issuers {
		for _, spelling := range i.Spellings {
			switch {
			case iss == spelling+"/":
				return s.is("iss") + " – the file has it without the final slash, as issuer " + i.Name
			case iss+"/" == spelling:
				return s.is("iss") + " – the file has it with a final slash, as issuer " + i.Name
			case strings.EqualFold(iss, spelling):
				return s.is("iss") + " – the file has it as " + spelling + ", with other capitals, as issuer " + i.Name
			}
			known = append(known, spelling+" ("+i.Name+")")
		}
	}
	return s.is("iss") + "; the file has " + strings.Join(known, ", ")
}

func (s seen) aboutAudience() string {
	takes := fmt.Sprintf("; issuer %s takes %s", s.issuer.Name, strings.Join(s.issuer.Audiences, ", "))
	aud, present := s.claims["aud"]
	if many, isList := aud.([]any); present && !(isList && len(many) == 0) {
		return s.is("aud") + takes
	}
	if name := s.issuer.AudienceClaim; name != "" {
		return s.is("aud") + ", and " + s.is(name) + takes
	}
	for _, name := range []string{"client_id", "azp"} {
		if _, is := s.claims[name].(string); is {
			const message = "%s, and %s: audienceClaim: %s would take it for the audience%s"
			return fmt.Sprintf(message, s.is("aud"), s.is(name), name, takes)
		}
	}
	return s.is("aud") + takes
}

func (s seen) aboutSubject() string {
	i := s.issuer
	own := i.JWKSURI == "" && !i.Discovery && i.JWKS == "" // only such an issuer may have a subject
	if _, isNumber := s.claims[trust.DefaultSubject].(json.Number); isNumber && own && i.Subject == (trust.Subject{}) {
		return "; subject: {integer: true} takes numbers, and {sub|int} in the grants' prefixes"
	}
	return ""
}

func (s seen) aboutSignature() string {
	if algorithm, _ := trust.Find(s.text(s.header["alg"])); algorithm.Key == trust.Shared {
		return ": is the secret that is set here the signer's, and does the signer take it as text, or as base64 " +
			"(secretEncoding: base64)?"
	}
	return fmt.Sprintf("; kid is %s, alg is %s", value(s.header["kid"]), value(s.header["alg"]))
}

// aboutClaims says what require lacks, or what refuse finds.
func (s seen) aboutClaims(rule string) string {
	all, does := s.issuer.Require, "wants"
	if rule == "refuse" {
		all, does = s.issuer.Refuse, "names"
	}
	var out []string
	for _, q := range all {
		if q.Met(s.claims) == (rule == "refuse") {
			out = append(out, fmt.Sprintf("%s; %s %s %s", s.is(q.Claim), rule, does, values(q.Values)))
		}
	}
	return strings.Join(out, "; ")
}

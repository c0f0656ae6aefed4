package prefix

// Mistakes returns a placeholder that can never be filled from a claim whose kind is known, a whole number or a string,
// and the placeholder to write instead; "" twice if the template has none.
func (t Template) Mistakes(name string, integer bool) (written, instead string) {
	for _, s := range t.segments {
		if s.claim != name || (s.filter == integers) == integer {
			continue
		}
		written, instead = "{"+name+"}", "{"+name+"}"
		if s.filter != plain {
			written = "{" + name + "|" + filterNames[s.filter] + "}"
		}
		if integer {
			instead = "{" + name + "|" + filterNames[integers] + "}"
		}
		return written, instead
	}
	return "", ""
}

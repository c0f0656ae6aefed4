package policy

// ActionNames lists the CAM names of the action table.
func ActionNames() (names []string) {
	for _, a := range actionTable {
		names = append(names, cam+a.name)
	}
	return names
}

// LimitFields lists the fields of the limit table.
func LimitFields() (fields []string) {
	for _, l := range limitTable {
		fields = append(fields, l.field)
	}
	return fields
}

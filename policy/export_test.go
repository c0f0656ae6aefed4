package policy

// ActionNames lists the CAM names of the action table.
func ActionNames() (names []string) {
	for _, a := range actionTable {
		names = append(names, cam+a.name)
	}
	return names
}

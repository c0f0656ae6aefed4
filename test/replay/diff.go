package replay

import "strings"

// diff marks the lines that only want has with -, those that only got has with +, and leaves out all but a few of those
// that both have.
func diff(want, got string) []string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	// common[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, "  "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+a[i])
			i++
		default:
			out = append(out, "+ "+b[j])
			j++
		}
	}
	return near(out)
}

// near keeps the marked lines and three on each side of them.
func near(lines []string) []string {
	const around = 3
	var out []string
	hidden := false
	for i := range lines {
		keep := false
		for j := max(0, i-around); j <= min(len(lines)-1, i+around); j++ {
			keep = keep || lines[j][0] != ' '
		}
		if keep {
			out = append(out, lines[i])
		} else if !hidden {
			out = append(out, "  …")
		}
		hidden = !keep
	}
	return out
}

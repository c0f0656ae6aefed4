package main

import (
	"bytes"
	"fmt"
	"html"
)

// drawing writes an SVG by hand. Its background is transparent, and its greys lie half-way between white and the dark of
// code hosts, so that it reads on both: what colour scheme a page has, an image can't know.
type drawing struct {
	bytes.Buffer
}

const (
	inkGrey   = "#757d86" // text and axes: 4:1 against white and against #0d1117
	gridGrey  = "#8b949e"
	oursBlue  = "#2f81f7"
	cacheBlue = "#1b9e77"
	othersRed = "#c2711c"
)

func newDrawing(width, height int, title string) *drawing {
	d := &drawing{}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" fill="%s">`+"\n<title>%s</title>\n",
		width, height, width, height, inkGrey, html.EscapeString(title))
	return d
}

func (d *drawing) end() []byte {
	d.WriteString("</svg>\n")
	return d.Bytes()
}

// text's anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, style, text string) {
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, style, html.EscapeString(text))
}

const bold = ` font-weight="600"`

func (d *drawing) bar(x, y, width, height float64, colour string) {
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>`+"\n", x, y, max(width, 1), height, colour)
}

func (d *drawing) line(x1, y1, x2, y2 float64, colour, style string) {
	fmt.Fprintf(d, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"%s/>`+"\n", x1, y1, x2, y2, colour, style)
}

func (d *drawing) path(points [][2]float64, colour, style string) {
	fmt.Fprintf(d, `<polyline fill="none" stroke="%s" stroke-width="2"%s points="`, colour, style)
	for _, p := range points {
		fmt.Fprintf(d, "%.1f,%.1f ", p[0], p[1])
	}
	d.WriteString("\"/>\n")
}

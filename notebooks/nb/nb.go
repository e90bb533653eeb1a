// Package nb shows pictures from a notebook's cells.
//
// A cell calls [SVG] or [HTML]; where the picture goes depends on who runs the
// cell, and the cell need not know:
//
//   - GoNB, the Go kernel for Jupyter: over the pipe that GoNB opens.
//   - "repro notebooks": marked on standard output, in order with what is printed.
//   - Nobody (go run): one line says that there is a picture.
package nb

import (
	"fmt"
	"os"
)

// SVG shows a picture, a complete <svg> element.
func SVG(svg string) {
	if pipe := os.Getenv("GONB_PIPE"); pipe != "" {
		// Jupyter drops SVG when it exports to HTML, but keeps it inside HTML.
		sendToGoNB(pipe, "text/html", "<div>"+svg+"</div>")
		return
	}
	show("image/svg+xml", svg)
}

// HTML shows a piece of HTML.
func HTML(html string) {
	if pipe := os.Getenv("GONB_PIPE"); pipe != "" {
		sendToGoNB(pipe, "text/html", html)
		return
	}
	show("text/html", html)
}

func show(media, content string) {
	if os.Getenv("SWIMLAB_NOTEBOOK") == "" {
		fmt.Printf("[%s, %d bytes]\n", media, len(content))
		return
	}
	fmt.Printf("\x1eshow %s %d\n%s\n", media, len(content), content)
}

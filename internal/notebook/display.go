package notebook

import (
	"fmt"
	"strconv"
	"strings"
)

// displayMark begins, on standard output, something to be shown rather than
// read: the mark, the media type, a space, the length in bytes, a newline, the
// content, a newline. Standard output carries it so that prints and pictures
// keep their order. The package notebooks/nb writes it.
const displayMark = "\x1eshow "

// splitDisplays appends what a program printed to outputs, pictures apart
// from text, in order.
func splitDisplays(outputs []Output, stdout string) ([]Output, error) {
	for stdout != "" {
		text, rest, found := strings.Cut(stdout, displayMark)
		outputs = appendText(outputs, text)
		if !found {
			break
		}
		head, rest, _ := strings.Cut(rest, "\n")
		media, length, _ := strings.Cut(head, " ")
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > len(rest) {
			return nil, fmt.Errorf("shows a malformed picture: its head is %q", head)
		}
		outputs = append(outputs, Output{Kind: "display_data", Data: map[string]string{media: rest[:n]}})
		stdout = strings.TrimPrefix(rest[n:], "\n")
	}
	return outputs, nil
}

func appendText(outputs []Output, text string) []Output {
	if text == "" {
		return outputs
	}
	if last := len(outputs) - 1; last >= 0 && outputs[last].Kind == "stream" && outputs[last].Name == "stdout" {
		outputs[last].Text += text
		return outputs
	}
	return append(outputs, Output{Kind: "stream", Name: "stdout", Text: text})
}

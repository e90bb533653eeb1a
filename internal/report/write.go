package report

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"path"
	"strings"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/table"
)

//go:embed web
var web embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"verdict": verdictText,
	"number":  numberText,
	"count":   func(n int, noun string) string { return plural(n, noun) },
}).ParseFS(web, "web/*.gohtml"))

// Options say how a report is written.
type Options struct {
	// AssetsDir is a folder that InstallAssets filled. Where it has no chart
	// script, or is empty, pages look for the script on the network.
	AssetsDir string
}

// Write writes the report into dir, replacing an earlier report there. When it
// fails, the earlier report is still whole.
func (s Site) Write(dir string, o Options) error {
	if err := s.check(); err != nil {
		return err
	}
	script, err := localScript(o.AssetsDir)
	if err != nil {
		return err
	}
	f, err := newFolder(dir)
	if err != nil {
		return fmt.Errorf("report: cannot write to %s: %w", dir, cause(err))
	}
	if err := s.build(f, script); err != nil {
		return errors.Join(err, f.abandon())
	}
	if err := f.install(); err != nil {
		return errors.Join(fmt.Errorf("report: cannot write to %s: %w", dir, cause(err)), f.abandon())
	}
	return nil
}

// build writes every file of the report into f.
func (s Site) build(f folder, script []byte) error {
	charts, err := web.ReadFile("web/charts.js")
	if err != nil {
		return err
	}
	style, err := web.ReadFile("web/style.css")
	if err != nil {
		return err
	}
	files := []file{
		{"style.css", style},
		{"charts.js", append([]byte(figure.ChartScript), charts...)},
	}
	if script != nil {
		files = append(files, file{"assets/" + ScriptName, script})
	}
	for i, p := range s.Pages {
		view := s.view(i, script != nil)
		for _, fig := range p.Figures {
			drawn, more, err := drawFigure(p, fig)
			if err != nil {
				return fmt.Errorf("report: page %s: %w", p.ID, err)
			}
			view.Figures = append(view.Figures, drawn)
			files = append(files, more...)
		}
		for _, d := range p.Pictures {
			name := path.Base(d.ID)
			story := strings.Join(d.Story, "\n")
			view.Pictures = append(view.Pictures, pictureView{
				ID: name, Title: d.Title, Caption: provenance.OneLine(d.Caption), Path: path.Base(p.ID) + "/" + name, Story: story, Origin: d.Provenance.Line(),
			})
			files = append(files, file{p.ID + "/" + name + ".svg", d.SVG}, file{p.ID + "/" + name + ".txt", []byte(story + "\n")})
		}
		for _, t := range p.Tables {
			written, more, err := writeTable(p, t)
			if err != nil {
				return fmt.Errorf("report: page %s: %w", p.ID, err)
			}
			view.Tables = append(view.Tables, written)
			files = append(files, more...)
		}
		html, err := render("page.gohtml", view)
		if err != nil {
			return err
		}
		files = append(files, file{p.ID + ".html", html})
	}
	html, err := render("index.gohtml", s.overview())
	if err != nil {
		return err
	}
	for _, one := range append(files, file{"index.html", html}) {
		if err := f.write(one.name, one.content); err != nil {
			return fmt.Errorf("report: cannot write %s: %w", one.name, cause(err))
		}
	}
	return nil
}

// file is one file of the report, named from its root with slashes.
type file struct {
	name    string
	content []byte
}

func render(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out.Bytes(), nil
}

// drawnFigure is a figure on its page.
type drawnFigure struct {
	ID, Title, Caption, Watermark string
	// Alt is what the image says to those who do not see it.
	Alt string
	// Path is the address of the figure's files from the page, without
	// extension.
	Path    string
	ChartID string
	Option  template.JS
	Origin  string
}

func drawFigure(p Page, fig figure.Figure) (drawnFigure, []file, error) {
	chart, err := fig.Chart()
	if err != nil {
		return drawnFigure{}, nil, err
	}
	name := path.Base(fig.ID)
	var files []file
	for _, form := range []struct {
		extension string
		render    func() ([]byte, error)
	}{{".svg", fig.SVG}, {".pdf", fig.PDF}, {".csv", fig.CSV}} {
		content, err := form.render()
		if err != nil {
			return drawnFigure{}, nil, err
		}
		files = append(files, file{p.ID + "/" + name + form.extension, content})
	}
	caption := provenance.OneLine(fig.Caption)
	return drawnFigure{
		ID: name, Title: fig.Title, Caption: caption, Watermark: fig.Watermark,
		Alt:     strings.TrimSuffix(fig.Title+". "+caption, " "),
		Path:    path.Base(p.ID) + "/" + name,
		ChartID: chart.ID, Option: template.JS(chart.Option),
		Origin: fig.Provenance.Line(),
	}, files, nil
}

// pictureView is a picture on its page.
type pictureView struct {
	ID, Title, Caption, Path, Story, Origin string
}

// writtenTable is a table on its page.
type writtenTable struct {
	ID, Path string
	HTML     template.HTML
	Origin   string
}

func writeTable(p Page, t table.Table) (writtenTable, []file, error) {
	name := path.Base(t.ID)
	var files []file
	for _, form := range []struct {
		extension string
		render    func() (string, error)
	}{{".txt", t.Text}, {".md", t.Markdown}, {".csv", t.CSV}, {".html", t.HTML}, {".tex", t.LaTeX}, {".typ", t.Typst}} {
		content, err := form.render()
		if err != nil {
			return writtenTable{}, nil, err
		}
		files = append(files, file{p.ID + "/" + name + form.extension, []byte(content)})
	}
	fragment, err := t.HTML()
	if err != nil {
		return writtenTable{}, nil, err
	}
	return writtenTable{ID: name, Path: path.Base(p.ID) + "/" + name, HTML: template.HTML(fragment), Origin: t.Provenance.Line()}, files, nil
}

package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/swimlab/swimlab/internal/figure"
)

// ScriptName is the chart script's file name in an assets folder.
const ScriptName = "echarts.min.js"

// ScriptURL is where the chart script is found on the network: the file
// dist/echarts.min.js of the npm package echarts.
const ScriptURL = "https://cdn.jsdelivr.net/npm/echarts@" + figure.EChartsVersion + "/dist/" + ScriptName

// The checksums of that file; the second is in the form that browsers check.
const (
	scriptSHA256    = "bf4a223524e40b77c304bec67e1222cf551f14880cf42c69dc046558e11c07b1"
	scriptIntegrity = "sha384-pPi0zxBAoDu6+JXW/C68UZLvBUUtU+7zonhif43rqj7pxsGyqyqzcian2Rj37Rss"
)

// InstallAssets copies the chart script from a file into an assets folder. Any
// other file than the script of the right version is refused.
func InstallAssets(fromFile, dir string) error {
	script, err := os.ReadFile(fromFile)
	if err != nil {
		return fmt.Errorf("assets: cannot read %s: %w", fromFile, cause(err))
	}
	if err := checkScript(fromFile, script); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("assets: cannot write to %s: %w", dir, cause(err))
	}
	if err := replaceFile(filepath.Join(dir, ScriptName), script); err != nil {
		return fmt.Errorf("assets: cannot write to %s: %w", dir, cause(err))
	}
	return nil
}

// checkScript says whether script is the chart script that charts are written
// for.
func checkScript(file string, script []byte) error {
	sum := sha256.Sum256(script)
	got := hex.EncodeToString(sum[:])
	switch {
	case got == scriptSHA256:
		return nil
	case !bytes.Contains(script, []byte("echarts")):
		return fmt.Errorf("assets: %s is not Apache ECharts; want %s of its version %s (%s)", file, ScriptName, figure.EChartsVersion, ScriptURL)
	}
	return fmt.Errorf("assets: %s has sha256 %s; want %s, that of Apache ECharts %s (%s)", file, got, scriptSHA256, figure.EChartsVersion, ScriptURL)
}

// localScript reads the chart script from an assets folder; nil when the folder
// or the script is not there.
func localScript(dir string) ([]byte, error) {
	if dir == "" {
		return nil, nil
	}
	file := filepath.Join(dir, ScriptName)
	script, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("report: cannot read %s: %w", file, cause(err))
	}
	return script, checkScript(file, script)
}

// replaceFile writes content beside the file and renames it into place.
func replaceFile(file string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(0o644), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// cause is what went wrong without the name of the file, which may be one that
// the reader never heard of.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

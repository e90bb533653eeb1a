package lab

import (
	"os/exec"
	"strings"
)

// Commit is the git commit of the repository, with "+" behind it when files
// differ from it; "" where there is no git.
func Commit(root string) string {
	head, err := exec.Command("git", "-C", root, "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	commit := strings.TrimSpace(string(head))
	changed, err := exec.Command("git", "-C", root, "status", "--porcelain", "--untracked-files=no").Output()
	if err == nil && len(changed) > 0 {
		commit += "+"
	}
	return commit
}

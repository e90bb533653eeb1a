// Package notebook runs Jupyter notebooks whose cells are Go, without Jupyter.
//
//	book.ipynb ──Read──▶ Notebook ──cells──▶ programs ──go build──▶ outputs ──▶ Notebook
//	                     (format.go)        (session.go)           (run.go)     Diff, Write
//
// The cells follow the rules of GoNB, the Go kernel for Jupyter, so that the
// same file can be explored there and checked here:
//
//   - Imports, types, constants, variables and functions that a cell declares
//     persist; a later declaration of the same name replaces the earlier one.
//   - Each cell is a program of its own. Variables start anew in every cell.
//   - A line "%%" or "%main" begins the body of main; what follows on the line
//     are the program's arguments. A cell may write func main itself instead,
//     or name a function to call with "%exec".
//   - func init_name becomes an init of every following program.
//   - Other commands start a line with "%" and may be written "//gonb:%".
//
// The whole notebook is assembled first and built by one go build, inside the
// module, through an overlay: no file is written into the source tree.
// Commands that would make a run depend on the machine (the shell, changing
// directories, prompting) are refused by name.
package notebook

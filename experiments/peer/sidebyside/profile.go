package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profile begins a processor profile, name.cpu in a directory. What it returns ends
// it, and writes what is then on the heap to name.heap. Without a directory nothing is
// done: a profile costs a little itself.
func profile(directory, name string) (stop func() error, err error) {
	if directory == "" {
		return func() error { return nil }, nil
	}
	cpu, err := os.Create(filepath.Join(directory, name+".cpu"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := os.Create(filepath.Join(directory, name+".heap"))
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		memory() // collects first
		return errors.Join(cpu.Close(), pprof.WriteHeapProfile(heap), heap.Close())
	}, nil
}

package film

import "github.com/swimlab/swimlab/datasets"

// Catalogue is what a page lets its reader choose from.
type Catalogue struct {
	Datasets       []DatasetEntry `json:"datasets"`
	DefaultDataset string         `json:"default_dataset"`
	Spaces         []string       `json:"spaces"`
	// Groups are the definitions of groups of members, and Embeddings those of
	// coordinates.
	Groups     []ExperimentEntry `json:"groups"`
	Embeddings []ExperimentEntry `json:"embeddings"`
}

// ExperimentEntry is a definition and the axes of its sweep; Cannot says why no
// film can be made of it.
type ExperimentEntry struct {
	ID     string      `json:"id"`
	Title  string      `json:"title"`
	Axes   []AxisEntry `json:"axes"`
	Cannot string      `json:"cannot,omitempty"`
}

// AxisEntry is an axis of a sweep: its name and the names of its levels. Cannot says
// of which levels no film can be made here, and why.
type AxisEntry struct {
	Name   string            `json:"name"`
	Levels []string          `json:"levels"`
	Cannot map[string]string `json:"cannot,omitempty"`
}

// DatasetEntry is one dataset; Missing says why it cannot be opened here.
type DatasetEntry struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Missing string `json:"missing,omitempty"`
}

// NewCatalogue looks what there is. The dataset to begin with is a recorded one
// where there is one, cities first: a picture that one knows is the easiest to read.
func NewCatalogue(store *datasets.Store, groups, embeddings []ExperimentEntry) (Catalogue, error) {
	c := Catalogue{DefaultDataset: "synthetic-internet", Spaces: spaceNames(), Groups: groups, Embeddings: embeddings}
	sets, err := store.Sets()
	if err != nil {
		return Catalogue{}, err
	}
	for _, set := range sets {
		e := DatasetEntry{Name: set.Name, Title: set.Title}
		if ok, why := store.Available(set.Name); !ok {
			e.Missing = why
		} else if set.Name == "wondernetwork242" {
			c.DefaultDataset = set.Name
		}
		c.Datasets = append(c.Datasets, e)
	}
	return c, nil
}

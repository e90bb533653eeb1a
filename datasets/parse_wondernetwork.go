package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const pingSuffix = "Ping.csv"

// Columns of a city's file. Each quantity stands twice: as text with its unit,
// and as a bare number in the column after it ("hidden").
const (
	pingTarget  = 0
	pingAverage = 4
	pingMeanDev = 12
	pingColumns = 14
)

var pingHeader = strings.Split("City,Distance,hidden,Average,hidden.1,% of SOLf/o,hidden.2,min,hidden.3,max,hidden.4,mdev,hidden.5,Last Checked", ",")

// notServers are cities that the others ping but that have no file of their own.
var notServers = []string{"Carlow", "Edmonton", "Guadalajara", "Guatemala", "Siauliai", "Zagreb"}

// parseWonderNetwork reads one file a city and cities.csv. Nodes are the cities
// that have a file, in alphabetical order; the jitter is the pings' mean deviation.
func parseWonderNetwork(files []rawFile, s scale) (*Matrix, error) {
	var cities []string
	pings := map[string]rawFile{}
	var table rawFile
	for _, f := range files {
		base := filepath.Base(f.name)
		if city, ok := strings.CutSuffix(base, pingSuffix); ok {
			city = strings.ReplaceAll(city, "+", " ")
			cities = append(cities, city)
			pings[city] = f
		} else {
			table = f
		}
	}
	slices.Sort(cities)
	w := wonderNetwork{scale: s, index: map[string]int{}, places: make([]Location, len(cities))}
	for i, city := range cities {
		w.index[city] = i
	}
	n := len(cities)
	w.rtt, w.jitter = make([]time.Duration, n*n), make([]time.Duration, n*n)
	for i, city := range cities {
		if err := w.readPings(i, pings[city]); err != nil {
			return nil, err
		}
	}
	if err := w.readPlaces(table); err != nil {
		return nil, err
	}
	for i := range w.places {
		if w.places[i].City == "" { // not in the table: a region alone is no place
			w.places[i] = Location{}
		}
	}
	m := newMatrix(w.rtt, cities)
	m.jitter, m.places = w.jitter, w.places
	return m, nil
}

type wonderNetwork struct {
	scale       scale
	index       map[string]int // of a city
	rtt, jitter []time.Duration
	places      []Location
}

func (w *wonderNetwork) readPings(i int, f rawFile) error {
	return eachRecord(f, pingHeader, func(line int, record []string) error {
		label, region, _ := strings.Cut(record[pingTarget], ", ")
		city, known := w.cityOf(label)
		if !known {
			return &ParseError{File: f.name, Line: line, Where: "City", Got: fmt.Sprintf("%q", label), Want: "a city that has a file of its own"}
		}
		j, ok := w.index[city]
		if !ok || j == i {
			return nil
		}
		w.places[j].Region = region
		cell := i*len(w.index) + j
		if w.rtt[cell] != 0 {
			return &ParseError{File: f.name, Line: line, Where: "City", Got: fmt.Sprintf("%q stands twice", label), Want: "each city once"}
		}
		rtt, want := parseNumber(record[pingAverage], w.scale)
		if want != "" {
			return &ParseError{File: f.name, Line: line, Where: "Average", Got: fmt.Sprintf("%q", record[pingAverage]), Want: want}
		}
		deviation, err := strconv.ParseFloat(record[pingMeanDev], 64)
		if err != nil || !(deviation >= 0) || deviation > longestRTT.Seconds()*1e3 {
			return &ParseError{File: f.name, Line: line, Where: "mdev", Got: fmt.Sprintf("%q", record[pingMeanDev]), Want: "a number of ms from 0"}
		}
		w.rtt[cell] = rtt
		w.jitter[cell] = time.Duration(deviation * float64(w.scale.unit))
		return nil
	})
}

// cityOf finds the longest known city that the label "City Country" begins with.
func (w *wonderNetwork) cityOf(label string) (city string, known bool) {
	for end := len(label); end > 0; end = strings.LastIndexByte(label[:end], ' ') {
		if _, ok := w.index[label[:end]]; ok || slices.Contains(notServers, label[:end]) {
			return label[:end], true
		}
	}
	return "", false
}

func (w *wonderNetwork) readPlaces(f rawFile) error {
	header := []string{"city", "Lat", "Long", "Population"}
	return eachRecord(f, header, func(line int, record []string) error {
		name := strings.ReplaceAll(record[0], "+", " ")
		i, ok := w.index[name]
		if !ok {
			return nil
		}
		lat, err1 := strconv.ParseFloat(record[1], 64)
		long, err2 := strconv.ParseFloat(record[2], 64)
		if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90) || !(long >= -180 && long <= 180) {
			return &ParseError{File: f.name, Line: line, Got: fmt.Sprintf("%s, %s", record[1], record[2]), Want: "a latitude and a longitude in degrees"}
		}
		w.places[i].City, w.places[i].Latitude, w.places[i].Longitude = name, lat, long
		return nil
	})
}

// eachRecord calls use for every line of a CSV file below its header.
func eachRecord(f rawFile, header []string, use func(line int, record []string) error) error {
	r := csv.NewReader(bytes.NewReader(f.data))
	r.FieldsPerRecord = len(header)
	r.ReuseRecord = true
	records, err := r.Read()
	if err != nil || !slices.Equal(records, header) {
		return &ParseError{File: f.name, Line: 1, Got: fmt.Sprintf("header %q", strings.Join(records, ",")), Want: strings.Join(header, ",")}
	}
	for {
		record, err := r.Read()
		if record == nil {
			return nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			var syntax *csv.ParseError
			if errors.As(err, &syntax) {
				line = syntax.Line
			}
			return &ParseError{File: f.name, Line: line, Got: plural(len(record), "column"), Want: fmt.Sprintf("%d", len(header))}
		}
		if err := use(line, record); err != nil {
			return err
		}
	}
}

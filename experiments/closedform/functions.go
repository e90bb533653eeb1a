package closedform

// Function is a formula under the name that experiment definitions use.
type Function struct {
	Name string
	Args []string
	Of   func(args []float64) float64
}

// Functions lists the formulas that definitions can name.
var Functions = []Function{
	{"ping_target", []string{"n", "qf"}, func(a []float64) float64 { return PingTarget(a[0], a[1]) }},
	{"detection_time", []string{"qf"}, func(a []float64) float64 { return DetectionTime(a[0]) }},
	{"detection_time_in", []string{"n", "qf"}, func(a []float64) float64 { return DetectionTimeIn(a[0], a[1]) }},
	{"false_detection", []string{"qf", "qml", "k"}, func(a []float64) float64 { return FalseDetection(a[0], a[1], a[2]) }},
	{"bailey", []string{"n", "t"}, func(a []float64) float64 { return Infected(a[0], a[1]) }},
	{"infection_time", []string{"n"}, func(a []float64) float64 { return InfectionTime(a[0]) }},
	{"infection_rate", nil, func([]float64) float64 { return PeriodicInfectionRate() }},
	{"infected_periodic", []string{"n", "t"}, func(a []float64) float64 { return InfectedPeriodic(a[0], a[1]) }},
	{"infection_time_periodic", []string{"n"}, func(a []float64) float64 { return InfectionTimePeriodic(a[0]) }},
	{"probe_bound", []string{"n"}, func(a []float64) float64 { return ProbeBound(a[0]) }},
	{"piggyback_limit", []string{"n", "lambda"}, func(a []float64) float64 { return PiggybackLimit(a[0], a[1]) }},
	{"residue", []string{"t"}, func(a []float64) float64 { return Residue(a[0]) }},
	{"retransmit_limit", []string{"n", "lambda"}, func(a []float64) float64 { return RetransmitLimit(a[0], a[1]) }},
	{"news_missed", []string{"n", "sources", "tellings", "fanout"}, func(a []float64) float64 { return NewsMissed(a[0], a[1], a[2], a[3]) }},
	{"news_incomplete", []string{"n", "sources", "tellings", "fanout"}, func(a []float64) float64 { return NewsIncomplete(a[0], a[1], a[2], a[3]) }},
	{"probe_messages", []string{"k"}, func(a []float64) float64 { return ProbeMessages(a[0]) }},
}

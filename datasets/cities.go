package datasets

// city is a place where synthetic hosts stand. Coordinates are in degrees,
// rounded to about ten kilometres. The weight is the metropolitan population in
// millions, rounded; outside of Europe, North America, Japan, Korea and Oceania
// it is halved, since fewer measurement hosts stand there.
type city struct {
	name      string
	region    string
	latitude  float64
	longitude float64
	weight    float64
}

const (
	africa       = "Africa"
	asia         = "Asia"
	europe       = "Europe"
	northAmerica = "North America"
	oceania      = "Oceania"
	southAmerica = "South America"
)

// hubs are the cities through which detours lead: the places where most
// submarine cables land and most networks meet.
var hubs = []string{
	"Amsterdam", "Ashburn", "Dubai", "Frankfurt", "Hong Kong", "Johannesburg", "London", "Los Angeles",
	"Marseille", "Miami", "New York", "Paris", "San Jose", "Sao Paulo", "Seattle", "Singapore", "Sydney", "Tokyo",
}

var cities = []city{
	{"Accra", africa, 5.6, -0.2, 1.3},
	{"Addis Ababa", africa, 9.0, 38.7, 2},
	{"Algiers", africa, 36.8, 3.1, 1.5},
	{"Cairo", africa, 30.0, 31.2, 10},
	{"Cape Town", africa, -33.9, 18.4, 2.4},
	{"Casablanca", africa, 33.6, -7.6, 2},
	{"Dakar", africa, 14.7, -17.5, 1.5},
	{"Dar es Salaam", africa, -6.8, 39.3, 3},
	{"Johannesburg", africa, -26.2, 28.0, 5},
	{"Lagos", africa, 6.5, 3.4, 7},
	{"Nairobi", africa, -1.3, 36.8, 2.5},
	{"Tunis", africa, 36.8, 10.2, 1.2},

	{"Almaty", asia, 43.2, 76.9, 1},
	{"Amman", asia, 31.9, 35.9, 1},
	{"Bangalore", asia, 13.0, 77.6, 6},
	{"Bangkok", asia, 13.8, 100.5, 5},
	{"Beijing", asia, 39.9, 116.4, 10},
	{"Chengdu", asia, 30.7, 104.1, 7},
	{"Chennai", asia, 13.1, 80.3, 5},
	{"Colombo", asia, 6.9, 79.9, 1.2},
	{"Delhi", asia, 28.6, 77.2, 14},
	{"Dhaka", asia, 23.8, 90.4, 9},
	{"Dubai", asia, 25.2, 55.3, 1.7},
	{"Guangzhou", asia, 23.1, 113.3, 8},
	{"Hanoi", asia, 21.0, 105.8, 3},
	{"Ho Chi Minh City", asia, 10.8, 106.7, 4.5},
	{"Hong Kong", asia, 22.3, 114.2, 3.7},
	{"Islamabad", asia, 33.7, 73.0, 1},
	{"Istanbul", asia, 41.0, 29.0, 7.5},
	{"Jakarta", asia, -6.2, 106.8, 12},
	{"Karachi", asia, 24.9, 67.0, 8},
	{"Kuala Lumpur", asia, 3.1, 101.7, 4},
	{"Manila", asia, 14.6, 121.0, 9},
	{"Mumbai", asia, 19.1, 72.9, 10},
	{"Osaka", asia, 34.7, 135.5, 19},
	{"Riyadh", asia, 24.7, 46.7, 3.5},
	{"Seoul", asia, 37.6, 127.0, 25},
	{"Shanghai", asia, 31.2, 121.5, 13},
	{"Singapore", asia, 1.3, 103.8, 3},
	{"Taipei", asia, 25.0, 121.6, 3.5},
	{"Tashkent", asia, 41.3, 69.2, 1.3},
	{"Tehran", asia, 35.7, 51.4, 4.5},
	{"Tel Aviv", asia, 32.1, 34.8, 2},
	{"Tokyo", asia, 35.7, 139.7, 37},

	{"Amsterdam", europe, 52.4, 4.9, 2.5},
	{"Athens", europe, 38.0, 23.7, 3.5},
	{"Barcelona", europe, 41.4, 2.2, 5.5},
	{"Belgrade", europe, 44.8, 20.5, 1.7},
	{"Berlin", europe, 52.5, 13.4, 4.5},
	{"Brussels", europe, 50.8, 4.4, 2.5},
	{"Bucharest", europe, 44.4, 26.1, 2.3},
	{"Budapest", europe, 47.5, 19.0, 3},
	{"Copenhagen", europe, 55.7, 12.6, 2},
	{"Dublin", europe, 53.3, -6.3, 2},
	{"Frankfurt", europe, 50.1, 8.7, 2.7},
	{"Hamburg", europe, 53.6, 10.0, 3.3},
	{"Helsinki", europe, 60.2, 24.9, 1.5},
	{"Kyiv", europe, 50.5, 30.5, 3.5},
	{"Lisbon", europe, 38.7, -9.1, 2.9},
	{"London", europe, 51.5, -0.1, 14},
	{"Lyon", europe, 45.8, 4.8, 2.3},
	{"Madrid", europe, 40.4, -3.7, 6.7},
	{"Manchester", europe, 53.5, -2.2, 3.3},
	{"Marseille", europe, 43.3, 5.4, 1.8},
	{"Milan", europe, 45.5, 9.2, 5},
	{"Moscow", europe, 55.8, 37.6, 17},
	{"Munich", europe, 48.1, 11.6, 3},
	{"Oslo", europe, 59.9, 10.8, 1.5},
	{"Paris", europe, 48.9, 2.4, 12.5},
	{"Prague", europe, 50.1, 14.4, 2.7},
	{"Riga", europe, 56.9, 24.1, 1},
	{"Rome", europe, 41.9, 12.5, 4.3},
	{"Sofia", europe, 42.7, 23.3, 1.5},
	{"St Petersburg", europe, 59.9, 30.3, 5.5},
	{"Stockholm", europe, 59.3, 18.1, 2.4},
	{"Vienna", europe, 48.2, 16.4, 2.8},
	{"Warsaw", europe, 52.2, 21.0, 3.1},
	{"Zurich", europe, 47.4, 8.5, 1.4},

	{"Ashburn", northAmerica, 39.0, -77.5, 6},
	{"Atlanta", northAmerica, 33.7, -84.4, 6},
	{"Boston", northAmerica, 42.4, -71.1, 5},
	{"Calgary", northAmerica, 51.0, -114.1, 1.5},
	{"Chicago", northAmerica, 41.9, -87.6, 9.5},
	{"Dallas", northAmerica, 32.8, -96.8, 7.7},
	{"Denver", northAmerica, 39.7, -105.0, 3},
	{"Guadalajara", northAmerica, 20.7, -103.3, 2.6},
	{"Guatemala City", northAmerica, 14.6, -90.5, 1.5},
	{"Havana", northAmerica, 23.1, -82.4, 1},
	{"Houston", northAmerica, 29.8, -95.4, 7},
	{"Kansas City", northAmerica, 39.1, -94.6, 2.2},
	{"Los Angeles", northAmerica, 34.1, -118.2, 13},
	{"Mexico City", northAmerica, 19.4, -99.1, 11},
	{"Miami", northAmerica, 25.8, -80.2, 6},
	{"Minneapolis", northAmerica, 45.0, -93.3, 3.7},
	{"Montreal", northAmerica, 45.5, -73.6, 4.3},
	{"New York", northAmerica, 40.7, -74.0, 20},
	{"Panama City", northAmerica, 9.0, -79.5, 1},
	{"Phoenix", northAmerica, 33.4, -112.1, 5},
	{"Salt Lake City", northAmerica, 40.8, -111.9, 1.3},
	{"San Jose", northAmerica, 37.3, -121.9, 8},
	{"Seattle", northAmerica, 47.6, -122.3, 4},
	{"Toronto", northAmerica, 43.7, -79.4, 6.5},
	{"Vancouver", northAmerica, 49.3, -123.1, 2.7},

	{"Adelaide", oceania, -34.9, 138.6, 1.4},
	{"Auckland", oceania, -36.8, 174.8, 1.7},
	{"Brisbane", oceania, -27.5, 153.0, 2.6},
	{"Melbourne", oceania, -37.8, 145.0, 5.2},
	{"Perth", oceania, -32.0, 115.9, 2.2},
	{"Sydney", oceania, -33.9, 151.2, 5.4},

	{"Bogota", southAmerica, 4.7, -74.1, 5.5},
	{"Brasilia", southAmerica, -15.8, -47.9, 2.3},
	{"Buenos Aires", southAmerica, -34.6, -58.4, 7.5},
	{"Caracas", southAmerica, 10.5, -66.9, 1.5},
	{"Fortaleza", southAmerica, -3.7, -38.5, 2},
	{"Lima", southAmerica, -12.0, -77.0, 5.5},
	{"Montevideo", southAmerica, -34.9, -56.2, 0.9},
	{"Quito", southAmerica, -0.2, -78.5, 1},
	{"Rio de Janeiro", southAmerica, -22.9, -43.2, 6.5},
	{"Santiago", southAmerica, -33.4, -70.7, 3.5},
	{"Sao Paulo", southAmerica, -23.5, -46.6, 11},
}

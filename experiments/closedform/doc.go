// Package closedform holds the formulas that measurements are drawn beside and
// judged against. Times are in protocol periods, n is the number of members.
//
// Each function cites where its formula stands. Papers:
//
//   - SWIM: Das, Gupta, Motivala, "SWIM: Scalable Weakly-consistent
//     Infection-style Process Group Membership Protocol", DSN 2002.
//   - Demers et al.: "Epidemic Algorithms for Replicated Database Maintenance",
//     PODC 1987.
//   - Bailey: "The Mathematical Theory of Infectious Diseases", 1975.
package closedform

package main

// publishedFigures are those that others have published about the two samples:
// of the "CRM Sales Opportunities" of Maven Analytics, and of the help desk log
// known from process mining (3,804 cases of an Italian software company).
func publishedFigures() map[string]string {
	return map[string]string{
		"opportunities": "8,800", "won": "4,238", "lost": "2,473", "open": "2,089", "prospecting": "500", "engaging": "1,589",
		"reached engaging": "8,300", "open at list price": "4,966,215", "engaging at list price": "3,892,229",
		"win rate %": "63.1501", "won value": "10,005,534", "mean won deal": "2,360.91", "median won deal": "1,117",
		"cycle won mean days": "51.782", "cycle won median days": "57",
		"cycle lost mean days": "41.479", "cycle lost median days": "14",
		"cycle closed mean days": "47.985", "cycle closed median days": "45",

		"Central opportunities": "3,512", "Central won": "1,629", "Central lost": "975", "Central win rate %": "62.56", "Central value": "3,346,293",
		"West opportunities": "2,997", "West won": "1,438", "West lost": "811", "West win rate %": "63.94", "West value": "3,568,647",
		"East opportunities": "2,291", "East won": "1,171", "East lost": "687", "East win rate %": "63.02", "East value": "3,090,594",

		"GTX Pro value": "3,510,578", "GTX Pro win rate %": "63.56",
		"GTX Plus Pro value": "2,629,651", "GTX Plus Pro win rate %": "64.30",
		"MG Advanced value": "2,216,387", "MG Advanced win rate %": "60.33",
		"GTX Plus Basic value": "705,275", "GTX Plus Basic win rate %": "62.13",
		"GTX Basic value": "499,263", "GTX Basic win rate %": "63.72",
		"GTK 500 value": "400,612", "GTK 500 win rate %": "60.00",
		"MG Special value": "43,768", "MG Special win rate %": "64.84",

		"top agent": "Darcel Schlecht", "top agent value": "1,153,214", "top agent won": "349", "top agent win rate %": "63.11",

		"manager Cara Losch won": "480", "manager Cara Losch lost": "265", "manager Cara Losch value": "1,130,049",
		"manager Celia Rouche won": "610", "manager Celia Rouche lost": "352", "manager Celia Rouche value": "1,603,897",
		"manager Dustin Brinkmann won": "747", "manager Dustin Brinkmann lost": "439", "manager Dustin Brinkmann value": "1,094,363",
		"manager Melvin Marxen won": "882", "manager Melvin Marxen lost": "536", "manager Melvin Marxen value": "2,251,930",
		"manager Rocco Neubert won": "691", "manager Rocco Neubert lost": "422", "manager Rocco Neubert value": "1,960,545",
		"manager Summer Sewald won": "828", "manager Summer Sewald lost": "459", "manager Summer Sewald value": "1,964,750",

		"2017 Q1 won": "531", "2017 Q1 lost": "116", "2017 Q1 value": "1,134,672", "2017 Q1 win rate %": "82.07",
		"2017 Q2 won": "1,254", "2017 Q2 lost": "778", "2017 Q2 value": "3,086,111", "2017 Q2 win rate %": "61.71",
		"2017 Q3 won": "1,257", "2017 Q3 lost": "790", "2017 Q3 value": "2,982,255", "2017 Q3 win rate %": "61.41",
		"2017 Q4 won": "1,196", "2017 Q4 lost": "789", "2017 Q4 value": "2,802,496", "2017 Q4 win rate %": "60.25",

		"tickets resolved": "3,804", "resolution mean days": "8.798", "resolution median days": "3.928",
		"resolution p90 days": "26.141", "resolution max days": "55.927",
		"process variants": "154", "most frequent variant": "1-8-6", "most frequent variant, tickets": "2,173",
	}
}

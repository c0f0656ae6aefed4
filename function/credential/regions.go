package credential

import "slices"

// nearest lists the regions to turn to when one throttles, nearest first: by the distance of the cities, which is
// geography. Any other region turns to the three largest.
var nearest = map[string][]string{
	"ap-shanghai":      {"ap-beijing", "ap-guangzhou"},
	"ap-beijing":       {"ap-shanghai", "ap-guangzhou"},
	"ap-nanjing":       {"ap-shanghai", "ap-beijing"},
	"ap-chengdu":       {"ap-guangzhou", "ap-beijing"},
	"ap-chongqing":     {"ap-guangzhou", "ap-shanghai"},
	"ap-hongkong":      {"ap-guangzhou", "ap-shanghai"},
	"ap-singapore":     {"ap-hongkong", "ap-guangzhou"},
	"ap-jakarta":       {"ap-singapore", "ap-hongkong"},
	"ap-bangkok":       {"ap-singapore", "ap-hongkong"},
	"ap-seoul":         {"ap-shanghai", "ap-beijing"},
	"ap-tokyo":         {"ap-seoul", "ap-shanghai"},
	"eu-frankfurt":     {"na-ashburn", "ap-beijing"},
	"na-ashburn":       {"na-siliconvalley", "eu-frankfurt"},
	"na-siliconvalley": {"na-ashburn", "ap-tokyo"},
	"sa-saopaulo":      {"na-ashburn", "na-siliconvalley"},
}

var largest = []string{"ap-guangzhou", "ap-shanghai", "ap-beijing"}

// neighbours are the other regions that can give a key in place of one, nearest first.
func neighbours(region string) []string {
	if near, known := nearest[region]; known {
		return near
	}
	return slices.DeleteFunc(slices.Clone(largest), func(other string) bool { return other == region })
}

package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Where samples lie below a data directory.
const (
	salesDir    = "crm_sales_opportunities"
	pipelineCSV = "sales_pipeline.csv"
	helpdeskCSV = "helpdesk/helpdesk.csv"
)

// generated is a made-up year of a seller of machines, in the shape of the
// published samples. It is the same every time.
type generated struct {
	random *rand.Rand
	start  time.Time
}

const (
	generatedDeals = 2000
	generatedCases = 500
	generatedDays  = 365
)

// generate writes the samples below dir.
func generate(dir string) error {
	g := generated{rand.New(rand.NewPCG(2025, 1)), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	agents, accounts, products := g.agents(), g.accounts(), g.products()
	for path, rows := range map[string][][]string{
		filepath.Join(salesDir, "sales_teams.csv"): agents,
		filepath.Join(salesDir, "accounts.csv"):    accounts,
		filepath.Join(salesDir, "products.csv"):    products,
	} {
		if err := writeCSV(filepath.Join(dir, path), rows); err != nil {
			return err
		}
	}
	if err := writeCSV(filepath.Join(dir, salesDir, pipelineCSV), g.pipeline(agents[1:], accounts[1:], products[1:])); err != nil {
		return err
	}
	return writeCSV(filepath.Join(dir, helpdeskCSV), g.cases())
}

func (g generated) agents() [][]string {
	rows := [][]string{{"sales_agent", "manager", "regional_office"}}
	for i, name := range []string{
		"王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊", "赵丽", "黄强", "Anna Keller", "Tom Baker", "Marie Laurent", "Jonas Weber", "Sofia Rossi", "Liam Murphy",
	} {
		rows = append(rows, []string{name, pick([]string{"周涛", "Ingrid Holm", "孙悦"}, i/2), pick([]string{"华东", "华南", "Europe"}, i)})
	}
	return rows
}

func (g generated) accounts() [][]string {
	rows := [][]string{{"account", "sector"}}
	for i, city := range []string{"宁波", "苏州", "深圳", "成都", "武汉", "青岛", "杭州", "广州", "Hamburg", "Lyon", "Torino", "Leeds"} {
		for j, trade := range []string{"精密机械", "电子科技", "医疗器械", "Logistics", "Foods"} {
			rows = append(rows, []string{city + " " + trade, pick([]string{"manufacturing", "technology", "medical", "services", "retail"}, i+j)})
		}
	}
	return rows
}

func (g generated) products() [][]string {
	rows := [][]string{{"product", "sales_price"}}
	for i, name := range []string{"Lathe 200", "Lathe 400", "Mill Pro", "Robot arm", "Service year", "Spare parts"} {
		rows = append(rows, []string{name, strconv.Itoa([]int{5400, 9800, 15200, 23900, 1200, 350}[i])})
	}
	return rows
}

func (g generated) pipeline(agents, accounts, products [][]string) [][]string {
	rows := [][]string{{"opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"}}
	for i := range generatedDeals {
		agent, product := pick(agents, g.random.IntN(len(agents))), pick(products, g.random.IntN(len(products)))
		account, engaged := pick(accounts, g.random.IntN(len(accounts)))[0], g.random.IntN(generatedDays)
		cycle := int(g.random.ExpFloat64()*25) + 1
		row := []string{fmt.Sprintf("G%05d", i+1), agent[0], product[0], account, "Engaging", g.day(engaged), "", ""}
		switch chance := g.random.Float64(); {
		case chance < 0.06:
			row[4], row[5] = "Prospecting", ""
		case engaged+cycle >= generatedDays || chance < 0.12:
			if chance < 0.3 {
				row[3] = "" // not every open deal names its customer yet
			}
		case chance < 0.68:
			price, _ := strconv.Atoi(product[1])
			row[4], row[6], row[7] = "Won", g.day(engaged+cycle), strconv.Itoa(int(float64(price)*(0.8+0.4*g.random.Float64())))
		default:
			row[4], row[6], row[7] = "Lost", g.day(engaged+cycle), "0"
		}
		rows = append(rows, row)
	}
	return rows
}

func (g generated) day(n int) string { return g.start.AddDate(0, 0, n).Format(time.DateOnly) }

// cases are logs of a help desk: mostly taken in, worked on and solved, some
// with detours.
func (g generated) cases() [][]string {
	type entry struct {
		id, activity int
		at           time.Time
	}
	var entries []entry
	for id := range generatedCases {
		at := g.start.Add(time.Duration(g.random.IntN(generatedDays*24*3600)) * time.Second)
		steps := []int{1, 8}
		for g.random.Float64() < 0.35 {
			steps = append(steps, []int{9, 8, 4, 5}[g.random.IntN(4)])
		}
		for _, step := range append(steps, 6) {
			entries = append(entries, entry{id + 1, step, at})
			at = at.Add(time.Duration(math.Min(g.random.ExpFloat64(), 6)*30*3600) * time.Second)
		}
	}
	// By time, as a desk writes its log: the rows of a case do not stand together.
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	rows := [][]string{{"CaseID", "ActivityID", "CompleteTimestamp"}}
	for _, e := range entries {
		rows = append(rows, []string{strconv.Itoa(e.id), strconv.Itoa(e.activity), e.at.Format(time.DateTime)})
	}
	return rows
}

func pick[T any](from []T, i int) T { return from[i%len(from)] }

func writeCSV(path string, rows [][]string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	if err := w.WriteAll(rows); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cos-credentials/test/repo"
)

const module = "cos-credentials/"

// rooms says which packages each room imports beside the standard library. A folder that is not here fails, and so does
// an import that is here and not there.
var rooms = map[string][]string{
	"policy/text":       {},
	"policy/claim":      {"policy/text"},
	"policy/prefix":     {"policy/claim", "policy/text"},
	"policy/strictyaml": {"policy/text", "go.yaml.in/yaml/v3"},
	"policy/trust":      {"policy/claim"},
	"policy": {
		"policy/claim", "policy/prefix", "policy/strictyaml", "policy/text", "policy/trust",
		"github.com/tencentyun/qcloud-cos-sts-sdk/go",
	},
	"function/strictjson": {},
	"function/gateway":    {"function/strictjson"},
	"function/roots":      {},
	"function/login": {
		"function/strictjson", "policy/claim", "policy/text", "policy/trust",
		"github.com/golang-jwt/jwt/v5", "github.com/hashicorp/golang-lru/v2",
	},
	"function/request": {"function/strictjson", "policy", "policy/text"},
	"function/credential": {
		"policy/text", "golang.org/x/sync/singleflight", "github.com/hashicorp/golang-lru/v2/simplelru",
		"github.com/tencentyun/qcloud-cos-sts-sdk/go",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sts/v20180813",
	},
	"function/deploy/serverless": {"go.yaml.in/yaml/v3"},
	"function/deploy/smoke": {
		"function/credential", "function/deploy/cli", "policy", "policy/text", "policy/trust",
		"github.com/golang-jwt/jwt/v5",
	},
	"function/deploy/cli": {"policy/claim"}, // the voice of test/local too
	"function/deploy": { // no part of the function: it builds it, and tries it out as the platform would
		"function/deploy/cli", "function/deploy/serverless", "function/deploy/smoke", "function/login",
		"policy", "policy/strictyaml", "policy/text", "policy/trust", "test/repo", "test/scf",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile",
	},
	"function": {
		"function/credential", "function/gateway", "function/login", "function/request", "function/roots",
		"policy", "policy/strictyaml", "policy/trust",
		"github.com/tencentyun/scf-go-lib/cloudfunction", "github.com/tencentyun/scf-go-lib/functioncontext",
	},
}

// pure rooms know neither network, nor files, nor environment.
var pure = []string{"policy", "policy/text", "policy/claim", "policy/prefix", "policy/strictyaml", "policy/trust", "function/request"}

var impure = []string{"os", "net", "net/http", "os/exec", "syscall", "io/ioutil"}

// sources parses the Go files of function/ and policy/ that are built into the function, by room.
func sources(t *testing.T) (map[string][]*ast.File, *token.FileSet) {
	t.Helper()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	all, positions := map[string][]*ast.File{}, token.NewFileSet()
	for _, top := range []string{"function", "policy"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(positions, path, nil, 0)
			if err != nil {
				return err
			}
			room, err := filepath.Rel(root, filepath.Dir(path))
			all[filepath.ToSlash(room)] = append(all[filepath.ToSlash(room)], file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all, positions
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	all, _ := sources(t)
	for room, files := range all {
		may, known := rooms[room]
		if !known {
			t.Errorf("%s is no room of the house: say in rooms what it may import", room)
		}
		unused := slices.Clone(may)
		for _, file := range files {
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				own, isOwn := strings.CutPrefix(path, module)
				unused = slices.DeleteFunc(unused, func(name string) bool { return name == own })
				standard := !isOwn && !strings.Contains(path, ".")
				if standard && !(slices.Contains(pure, room) && slices.Contains(impure, path)) || slices.Contains(may, own) {
					continue
				}
				t.Errorf("%s imports %s", room, path)
			}
		}
		if len(unused) > 0 {
			t.Errorf("%s may import %s, and doesn't: take it out of rooms", room, strings.Join(unused, ", "))
		}
	}
	for room := range rooms {
		if all[room] == nil {
			t.Errorf("there is no room %s", room)
		}
	}
}

// A local that bears the name of something of its package, or of what its file imports, hides it from the reader, and
// one day from the writer.
func TestLocalsHideNoPackageLevelName(t *testing.T) {
	all, positions := sources(t)
	for _, files := range all {
		names := map[string]bool{}
		for _, file := range files {
			for _, decl := range file.Decls {
				for _, id := range declared(decl) {
					names[id.Name] = id.Name != "_"
				}
			}
		}
		for _, file := range files {
			imported := map[string]bool{}
			for _, spec := range file.Imports {
				name, _ := strconv.Unquote(spec.Path.Value)
				imported[name[strings.LastIndexByte(name, '/')+1:]] = spec.Name == nil
			}
			for _, id := range locals(file) {
				if names[id.Name] || imported[id.Name] {
					t.Errorf("%v: the local %s hides what its package or file calls so", positions.Position(id.Pos()), id.Name)
				}
			}
		}
	}
}

// declared is what a package-level declaration names.
func declared(decl ast.Decl) (out []*ast.Ident) {
	if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil {
		return []*ast.Ident{function.Name}
	}
	general, ok := decl.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range general.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			out = append(out, spec.Name)
		case *ast.ValueSpec:
			out = append(out, spec.Names...)
		}
	}
	return out
}

// locals is every name that a file's functions declare for themselves.
func locals(file *ast.File) (out []*ast.Ident) {
	add := func(expressions ...ast.Expr) {
		for _, e := range expressions {
			if id, ok := e.(*ast.Ident); ok {
				out = append(out, id)
			}
		}
	}
	fields := func(list *ast.FieldList) {
		if list != nil {
			for _, field := range list.List {
				out = append(out, field.Names...)
			}
		}
	}
	for _, decl := range file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		fields(function.Recv)
		ast.Inspect(function, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				fields(n.Params)
				fields(n.Results)
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE {
					add(n.Lhs...)
				}
			case *ast.RangeStmt:
				if n.Tok == token.DEFINE {
					add(n.Key, n.Value)
				}
			case *ast.ValueSpec:
				out = append(out, n.Names...)
			}
			return true
		})
	}
	return out
}

package recipes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cos-credentials/policy"
	"cos-credentials/test/repo"
)

// language runs a line that signs, of the recipe for a back end of one's own.
type language struct {
	heading string   // of the line, in the recipe
	file    string   // what is run: program, with the line in it
	program string   // LINE is the line; user and secret are what it takes them from; it prints the token
	command []string // run in the folder in, with FILE the file; $NAME is the environment's, and must be set
	in      string   // a folder of the repository
	lacks   string   // what to say, and to install, if it can't be run
}

var languages = []language{
	{
		heading: "Node, jsonwebtoken", file: "sign.cjs",
		program: `const jwt = require(require.resolve('jsonwebtoken', { paths: [process.cwd()] }));
			const user = { id: 42 }, secret = process.env.JWT_SECRET;
			process.stdout.write(LINE);`,
		command: []string{"node", "FILE"}, in: "test/clients",
		lacks: "Node.js, and jsonwebtoken (npm ci in test/clients)",
	},
	{
		heading: "Python, PyJWT", file: "sign.py",
		program: "import jwt, os, time, types\nuser, secret = types.SimpleNamespace(id=42), os.environ['JWT_SECRET']\n" +
			"print(LINE, end='')\n",
		command: []string{"/usr/bin/env", "PATH=/usr/bin:" + os.Getenv("PATH"), "python3", "FILE"},
		lacks:   "Python 3 and PyJWT (Debian: apt-get install python3-jwt)",
	},
	{
		heading: "PHP, firebase/php-jwt", file: "sign.php",
		program: `<?php use Firebase\JWT\JWT;
			$user = (object) ['id' => 42]; $secret = getenv('JWT_SECRET'); echo LINE;`,
		command: []string{"php", "-d", "auto_prepend_file=$PHP_JWT", "FILE"},
		lacks:   "PHP, and the path of an autoload.php that knows firebase/php-jwt in PHP_JWT",
	},
	{
		heading: "Java, jjwt from 0.12 on", file: "Sign.java",
		program: `import static java.nio.charset.StandardCharsets.UTF_8;
			import io.jsonwebtoken.*; import io.jsonwebtoken.security.Keys; import java.time.Instant; import java.util.Date;
			class Sign {
				record User(long id) {}
				public static void main(String[] args) {
					var user = new User(42); var secret = System.getenv("JWT_SECRET");
					System.out.print(LINE);
				}
			}`,
		command: []string{"java", "-cp", "$JJWT", "FILE"},
		lacks:   "a JDK, and the class path of jjwt in JJWT",
	},
	{
		heading: "Go, golang-jwt v5", file: "main.go",
		program: `package main
			import ("fmt"; "os"; "strconv"; "time"; "github.com/golang-jwt/jwt/v5")
			func main() {
				user, secret := struct{ ID int64 }{42}, os.Getenv("JWT_SECRET")
				token, err := LINE
				if err != nil {
					panic(err)
				}
				fmt.Print(token)
			}`,
		command: []string{"go", "run", "FILE"},
	},
}

// What the recipe tells a back end to sign is what the recipe takes.
func TestLinesThatSign(t *testing.T) {
	lines := signingLines(t)
	access := load(t, "own-back-end")
	for _, l := range languages {
		t.Run(l.file, func(t *testing.T) {
			line, ok := lines[l.heading]
			if !ok {
				t.Fatalf("the recipe has no line for %s", l.heading)
			}
			l.opensOwnFolder(t, access, line)
		})
	}
	if len(lines) != len(languages) {
		t.Errorf("%d lines, of which %d are tried", len(lines), len(languages))
	}
}

// What the README shows is the recipe's line, but for the issuer, which is the shipped access file's.
func TestReadmeLinesThatSign(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: shipped(t), Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	recipe, shown := signingLines(t), strings.ReplaceAll(string(readme), "\n    ", "\n")
	for _, l := range languages {
		line := strings.Replace(recipe[l.heading], "my-back-end", access.Issuers[0].Spellings[0], 1)
		switch l.file {
		case "sign.cjs", "Sign.java":
			if !strings.Contains(shown, "\n"+line+"\n") {
				t.Errorf("the README does not have this line: %s", line)
			}
			t.Run(l.file, func(t *testing.T) { l.opensOwnFolder(t, access, line) })
		}
	}
}

// opensOwnFolder runs a line: the access file takes what it makes for user 42.
func (l language) opensOwnFolder(t *testing.T, access *policy.Access, line string) {
	t.Helper()
	if l.lacks != "" {
		if _, err := l.run(t, `"x"`); err != nil {
			t.Skipf("not run: a line of policy/recipes needs %s", l.lacks)
		}
	}
	signed, err := l.run(t, line)
	if err != nil {
		t.Fatal(err)
	}
	if got, why := try(t, access, access.Issuers, signed); !slices.Equal(got, []string{"users/42/*"}) {
		t.Errorf("%s opens %q: %s", signed, got, why)
	}
}

// signingLines takes them out of the recipe's comments, by their headings.
func signingLines(t *testing.T) map[string]string {
	t.Helper()
	recipe, err := os.ReadFile("own-back-end.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^# (\S.*):\n((?:#   .*\n)+)`).FindAllStringSubmatch(string(recipe), -1) {
		lines[m[1]] = strings.TrimSpace(strings.ReplaceAll("\n"+m[2], "\n#   ", "\n"))
	}
	return lines
}

// run has the language say what a line makes.
func (l language) run(t *testing.T, line string) (string, error) {
	t.Helper()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), l.file)
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(l.program, "LINE", line)), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := ""
	variable := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			missing = name
		}
		return value
	}
	command := slices.Clone(l.command)
	for i, word := range command {
		command[i] = os.Expand(strings.ReplaceAll(word, "FILE", file), variable)
	}
	if missing != "" {
		return "", fmt.Errorf("%s is not set", missing)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.Dir = filepath.Join(root, l.in)
	run.Env = append(os.Environ(), "JWT_SECRET="+environment["JWT_SECRET"])
	out, err := run.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w\n%s", err, failed.Stderr)
	}
	return string(out), err
}

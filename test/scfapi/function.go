package scfapi

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Function is one function with its versions, aliases and triggers.
type Function struct {
	Latest   Version
	Versions []Version
	Aliases  map[string]string // name → version
	Triggers map[string]*Trigger

	status string // what it is while it is not Active
	until  time.Time
}

// Version is a function's code and configuration: $LATEST, or as it was when it was published.
type Version struct {
	Number      string // "1"
	Description string
	Code        []byte // the zip
	Environment map[string]string
	Role        string
	Memory      int
	Timeout     int
	CLS         [2]string // log set and topic
	Quiet       bool      // IgnoreSysLog

	name, handler, runtime string
}

// Trigger is a Function URL.
type Trigger struct{ Name, Qualifier, Desc string }

func (f *Function) state() string {
	if time.Now().Before(f.until) {
		return f.status
	}
	return "Active"
}

// busy begins a change.
func (f *Function) busy(status string, takes time.Duration) {
	f.status, f.until = status, time.Now().Add(takes)
}

// version finds $LATEST, a version, or what an alias stands for.
func (f *Function) version(qualifier string) *Version {
	if target, ok := f.Aliases[qualifier]; ok {
		qualifier = target
	}
	if qualifier == "" || qualifier == "$LATEST" {
		return &f.Latest
	}
	for i := range f.Versions {
		if f.Versions[i].Number == qualifier {
			return &f.Versions[i]
		}
	}
	return nil
}

func (f *Function) publish(description string) string {
	v := f.Latest
	v.Number, v.Description = strconv.Itoa(len(f.Versions)+1), description
	v.Environment = maps.Clone(v.Environment)
	f.Versions = append(f.Versions, v)
	return v.Number
}

var (
	functionName = regexp.MustCompile(`^[A-Za-z][\w-]{0,58}[A-Za-z0-9]$`)
	variableName = regexp.MustCompile(`^[A-Za-z]\w*$`)
	reserved     = regexp.MustCompile(`^(SCF|QCLOUD|TENCENTCLOUD)_`)
	description  = regexp.MustCompile(`^[A-Za-z0-9 ,.\n\p{Han}]*$`)
)

// code takes a zip that the Go1 runtime can start: main at its root, executable.
func (v *Version) code(text string) *apiError {
	content, _ := base64.StdEncoding.DecodeString(text) // what is no base64 is no zip either
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "main" || z.File[0].Mode()&0o111 == 0 {
		return fail("InvalidParameterValue.ZipFile", "ZipFile is no zip in base64 that holds a program main")
	}
	v.Code = content
	return nil
}

// configure takes what is there of a configuration: what is not there stays as it is.
func (v *Version) configure(in parameters, roles []string) *apiError {
	if in.Description != nil {
		if v.Description = *in.Description; !description.MatchString(v.Description) {
			return fail("InvalidParameterValue.Description", "letters, digits, spaces, commas and full stops only")
		}
	}
	if in.Role != nil {
		if v.Role = *in.Role; v.Role != "" && !slices.Contains(roles, v.Role) {
			return fail("ResourceNotFound.Role", "there is no role %s", v.Role)
		}
	}
	v.Memory, v.Timeout = cmp.Or(in.MemorySize, v.Memory), cmp.Or(in.Timeout, v.Timeout)
	if in.ClsTopicId != "" {
		v.CLS = [2]string{in.ClsLogsetId, in.ClsTopicId}
	}
	if in.IgnoreSysLog != nil {
		v.Quiet = *in.IgnoreSysLog
	}
	if in.Environment == nil {
		return nil
	}
	v.Environment = map[string]string{}
	for _, one := range in.Environment.Variables {
		if !variableName.MatchString(one.Key) || reserved.MatchString(one.Key) || one.Value == "" {
			return fail("InvalidParameterValue.EnvironmentVariables", "the variable %s", one.Key)
		}
		v.Environment[one.Key] = one.Value
	}
	return nil
}

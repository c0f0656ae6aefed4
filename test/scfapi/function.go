package scfapi

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	description  = regexp.MustCompile(`^[A-Za-z0-9 ,.\n\p{Han}]*$`)
)

// code takes a zip that the Go1 runtime can start: main at its root, executable.
func (v *Version) code(text string) *apiError {
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fail("InvalidParameterValue.ZipFile", "ZipFile is not base64")
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fail("InvalidParameterValue.ZipFile", "ZipFile is no zip")
	}
	for _, file := range z.File {
		if file.Name == "main" && file.Mode()&0o111 != 0 {
			v.Code = content
			return nil
		}
	}
	return fail("InvalidParameterValue.ZipFile", "ZipFile holds no program main")
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
	if in.MemorySize != 0 {
		v.Memory = in.MemorySize
	}
	if in.Timeout != 0 {
		v.Timeout = in.Timeout
	}
	if v.Memory != 64 && (v.Memory < 128 || v.Memory > 3072 || v.Memory%128 != 0) || v.Timeout < 1 || v.Timeout > 900 {
		return fail("InvalidParameterValue", "MemorySize or Timeout")
	}
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
	size := 0
	for _, one := range in.Environment.Variables {
		reserved := strings.HasPrefix(one.Key, "SCF_") || strings.HasPrefix(one.Key, "QCLOUD_") ||
			strings.HasPrefix(one.Key, "TENCENTCLOUD_")
		if !variableName.MatchString(one.Key) || reserved || one.Value == "" {
			return fail("InvalidParameterValue.EnvironmentVariables", "the variable %s", one.Key)
		}
		v.Environment[one.Key] = one.Value
		size += len(one.Key) + len(one.Value)
	}
	if size > 4096 {
		return fail("InvalidParameterValue.EnvironmentExceededLimit", "4 KB at most")
	}
	return nil
}

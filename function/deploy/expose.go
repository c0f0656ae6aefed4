package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// expose makes the Function URL of the alias, and holds one that is there to what it should be.
func (d *deployment) expose(ctx context.Context) error {
	all, err := d.remote.triggers(ctx)
	if err != nil && !(isMissing(err) && d.remote.dry != nil) { // a dry run made no function
		return err
	}
	action, name := "CreateTrigger", urlName(d.alias())
	for _, t := range all {
		switch {
		case t.Type != "http" || t.Qualifier != d.alias():
			note := fmt.Sprintf("trigger %s (%s) opens %s and is not in serverless.yml: delete it in the console "+
				"if nobody needs it", t.TriggerName, t.Type, cmp.Or(t.Qualifier, "$LATEST"))
			d.result.Notes = append(d.result.Notes, note)
		case d.isOpen(t):
			d.result.URL = t.network().NetConfig.ExtranetUrl
			return nil
		default:
			action, name = "UpdateTrigger", t.TriggerName
		}
	}
	d.say("Opening the Function URL.")
	if err := d.remote.change(ctx, action, d.opening(name)); err != nil || d.remote.dry != nil {
		return err
	}
	if all, err = d.remote.triggers(ctx); err != nil {
		return err
	}
	for _, t := range all {
		if t.TriggerName == name && t.Qualifier == d.alias() {
			d.result.URL = t.network().NetConfig.ExtranetUrl
		}
	}
	if d.result.URL == "" {
		return errors.New("SCF made the Function URL and doesn't say where it is: look at the triggers in the console")
	}
	done := map[string]string{"CreateTrigger": "made", "UpdateTrigger": "opened as described"}
	d.changed("Function URL: %s", done[action])
	return nil
}

// isOpen reports whether a Function URL is open as described, and answers no CORS of its own.
func (d *deployment) isOpen(t trigger) bool {
	is, want := t.network(), d.url().Parameters.NetConfig
	return is.AuthType == "NONE" && !is.CorsConfig.Enable && t.Enable == 1 &&
		is.NetConfig.EnableExtranet == want.EnableExtranet && is.NetConfig.EnableIntranet == want.EnableIntranet
}

// opening is how the Function URL is described to SCF. https://cloud.tencent.com/document/product/583/100227
func (d *deployment) opening(name string) object {
	want := d.url().Parameters.NetConfig
	desc, _ := json.Marshal(object{ // strings and booleans only: it can't fail
		"AuthType":  "NONE",
		"NetConfig": object{"EnableIntranet": want.EnableIntranet, "EnableExtranet": want.EnableExtranet},
	})
	return object{
		"TriggerName": name, "Type": "http", "TriggerDesc": string(desc), "Qualifier": d.alias(), "Enable": "OPEN",
	}
}

// urlName is the trigger's name: one Function URL for each alias.
func urlName(alias string) string { return "url-" + strings.ToLower(strings.TrimPrefix(alias, "$")) }

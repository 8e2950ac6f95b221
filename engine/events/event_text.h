// Events as text, one line each, and back. Parse(Format(e)) = e.
//
//   line    = name { " " field "=" value }     fields all present, in the order of event_fields.h
//   value   = integer | "0" | "1" | list | tables | text
//   integer = decimal digits, "-" in front of negative ones
//   list    = [ integer { "," integer } ]      no character at all if it is empty
//   tables  = [ table { "," table } ]
//   table   = file ":" level ":" run ":" bytes ":" key ":" key        smallest and largest key
//   key     = '"' text '"'                    nothing between the quotes if it is empty
//   text    = as base/escape.h has it: no spaces, "" if it is empty
//
//   flush_end memtable=3 file=12 bytes=4096 ok=1
//   version_installed manifest=5 last_sequence=17 log_number=9 added=12:0:12:4096:"a":"k7" removed=
#pragma once

#include <string>
#include <string_view>

#include "lsm/event.h"
#include "lsm/status.h"

namespace lsm {

// Without a newline.
std::string FormatEvent(const Event& event);
// InvalidArgument names the event and the field that is wrong.
Result<Event> ParseEvent(std::string_view line);
// The event's name in text: "flush_end".
std::string_view EventName(const Event& event);

}  // namespace lsm

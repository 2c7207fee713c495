# Lists the test points that failed in a TAP report, each under the names of what it is in, with the first lines of its
# diagnosis. A point that failed only because of one within it is left out. Never prints more than `most` lines.
BEGIN {
  if (most == 0) most = 60
  most_of_one = 8
}

function indent_of (line) { match(line, /^ */); return RLENGTH }

function say (line) {
  printed++
  if (printed < most) print line
}

# The diagnosis: a YAML block behind its point.
in_yaml {
  if ($0 == yaml_end) { in_yaml = 0; next }
  if (!is_told || $0 ~ /^ *$/) next
  if (indent_of($0) == yaml_indent) is_noise = ($0 ~ /^ *(stack|source|args|cwd|stdio|command|externalID|jobId|typeName|compare|tapCaught):/)
  if (is_noise || $0 ~ /^ *(columnNumber|typeName|methodName|functionName|isToplevel):/ || $0 ~ /^ *(--- expected|\+\+\+ actual|@@ .*@@)$/) next
  if (++told <= most_of_one) say("    " substr($0, yaml_indent + 1))
  next
}

/^ *---$/ && was_point {
  yaml_indent = indent_of($0)
  yaml_end = sprintf("%" yaml_indent "s...", "")
  in_yaml = 1
  is_noise = 0
  was_point = 0
  next
}

{ was_point = 0 }

/^ *# Subtest: / {
  indent = indent_of($0)
  name[indent] = substr($0, indent + 12)
  has_failed[indent] = 0
  next
}

/^ *(not )?ok [0-9]+/ {
  indent = indent_of($0)
  was_point = 1
  is_failure = $0 ~ /^ *not ok/ && $0 !~ / # (TODO|SKIP)/
  is_told = is_failure && !has_failed[indent]
  told = 0
  if (is_told) {
    path = ""
    for (outer = 0; outer < indent; outer += 4) if (name[outer] != "") path = path name[outer] " > "
    title = $0
    sub(/^ *not ok [0-9]+ *(- )?/, "", title)
    sub(/ # time=.*$/, "", title)
    say("not ok - " path title)
    failures++
  }
  if (is_failure) for (outer = 0; outer < indent; outer += 4) has_failed[outer] = 1
  name[indent] = ""
  has_failed[indent] = 0
}

END {
  if (printed >= most) print "(cut short: " failures " failures)"
}

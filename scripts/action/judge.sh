#!/usr/bin/env bash
# The step of action.yml: installs the package, judges, and writes the summary of the job. Inputs come in
# the environment and are never read as code, except the command, which is the workflow's own.
# bash 3.2, that of macOS, has no mapfile, and takes an empty array for an unbound variable.
set -euo pipefail

fail() {
  printf '%s\n' "Cannot judge: $1" >&2
  exit 2
}

for name in INPUT_URL INPUT_LISTEN INPUT_VERSION INPUT_TARBALL INPUT_EXPECT INPUT_NAME; do
  [[ ${!name-} != *[[:cntrl:]]* ]] || fail "the input ${name#INPUT_} has a control character in it"
done
if [[ -n ${INPUT_LISTEN-} ]]; then
  [[ $INPUT_LISTEN =~ ^[0-9]+$ ]] || fail "the input listen must be a port"
  target=(--listen "$INPUT_LISTEN")
else
  [[ ${INPUT_URL-} =~ ^(ws|wss|http|https):// ]] || fail "the input url must begin with ws:// or wss://"
  target=("$INPUT_URL")
fi
if [[ -n ${INPUT_TARBALL-} ]]; then
  [[ -f $INPUT_TARBALL ]] || fail "the input tarball is no file"
  package=$(cd "$(dirname -- "$INPUT_TARBALL")" && pwd)/$(basename -- "$INPUT_TARBALL")
else
  [[ ${INPUT_VERSION:=latest} =~ ^[0-9A-Za-z][0-9A-Za-z.+-]*$ ]] ||
    fail "the input version must be a version or a tag of npm"
  package=isosocket@$INPUT_VERSION
fi

work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/judge.XXXXXX")
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error -- "$package" >&2

arguments=()
while IFS= read -r line || [[ -n $line ]]; do
  [[ -z $line ]] || arguments+=("$line")
done <<<"${INPUT_ARGUMENTS-}"
[[ -z ${INPUT_EXPECT-} ]] || arguments+=("--expect=$INPUT_EXPECT")
command=()
[[ -z ${INPUT_COMMAND-} ]] || command=(-- bash -c "$INPUT_COMMAND")

# What the target and its server print are no commands to the runner.
token=$(node -p 'crypto.randomUUID()')
printf '::stop-commands::%s\n' "$token"
code=0
"$work/node_modules/.bin/isosocket" judge "${target[@]}" \
  --json "$work/run.json" --junit "$work/junit.xml" --html "$work/report" \
  --markdown "$work/summary.md" ${arguments[@]+"${arguments[@]}"} ${command[@]+"${command[@]}"} ||
  code=$?
printf '\n::%s::\n' "$token"

[[ ! -s $work/summary.md ]] || cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
for file in run.json junit.xml; do
  [[ ! -s $work/$file ]] || cp "$work/$file" "$work/report/"
done
{
  printf 'report=%s\n' "$work/report"
  printf 'exit-code=%s\n' "$code"
} >>"$GITHUB_OUTPUT"
exit "$code"

#!/bin/sh
# The GitHub action's script, with a docker that runs the program at hand in place of the container's. Prints
# TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

action=$UNSTUCK_SRC/harness/grade/action

# It mounts by name: what the container calls /submission and /results is where the volumes say.
mkdir "$tmp/bin"
cat >"$tmp/bin/docker" <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$DOCKER_SAW"
while [ "$1" != an-image ]; do
    case $1 in
    *:/submission:ro) submission=${1%:/submission:ro} ;;
    *:/results) results=${1%:/results} ;;
    GITHUB_STEP_SUMMARY=*) GITHUB_STEP_SUMMARY=$results/${1#*=/results/} ;;
    esac
    shift
done
shift
for word; do
    shift
    case $word in *=/results/*) word=${word%%=*}=$results/${word#*=/results/} ;; esac
    set -- "$@" "$word"
done
export GITHUB_STEP_SUMMARY
unset GITHUB_OUTPUT
cd "$submission" && exec "$UNSTUCK" "$@"
END
chmod +x "$tmp/bin/docker"
export PATH="$tmp/bin:$PATH" DOCKER_SAW="$tmp/saw" UNSTUCK

ws="$tmp/it's \$HOME"
mkdir -p "$ws/exercises"
for folder in "$UNSTUCK_SRC"/scenarios/*/; do
    name=$(basename "$folder")
    cp "$folder/exercise.c" "$ws/exercises/$name.c"
done
export UNSTUCK_IMAGE=an-image UNSTUCK_FOLDER="$ws" UNSTUCK_RESULTS="$tmp/results" UNSTUCK_SEED=3 \
    UNSTUCK_SHARD='' GITHUB_OUTPUT="$tmp/output" GITHUB_STEP_SUMMARY="$tmp/summary"
: >"$GITHUB_OUTPUT"
echo 'another step' >"$GITHUB_STEP_SUMMARY"
sh "$action/grade.sh" >"$tmp/out" 2>"$tmp/err"
code=$?
[ $code -eq 1 ] || complain "exit code $code: $(cat "$tmp/err")"
says "$tmp/out" '::error file=exercises/'
says "$tmp/summary" 'another step'
says "$tmp/summary" '## unstuck: '
says "$tmp/output" "result=$tmp/results/result.json"
says "$tmp/results/result.json" '"seed": "0x3"'
says "$tmp/results/junit.xml" '<testsuites'
for flag in '--network' 'none' '--read-only' 'ALL' 'no-new-privileges'; do says "$DOCKER_SAW" "$flag"; done
says "$DOCKER_SAW" "$ws:/submission:ro"
ok "a folder of any name is graded, its results are left, and the exit code is the grader's"

for i in 1 2; do
    UNSTUCK_SHARD=$i/2 UNSTUCK_RESULTS="$tmp/shard$i" sh "$action/grade.sh" >"$tmp/out" 2>"$tmp/err"
done
"$UNSTUCK" merge --json "$tmp/shard1/result.json" "$tmp/shard2/result.json" >"$tmp/merged"
cmp -s "$tmp/merged" "$tmp/results/result.json" || complain "the shards do not make the whole"
ok "shards leave what merge makes the whole of"

inputs=$(awk '/^inputs:/ { inside = 1; next } /^[^ ]/ { inside = 0 } inside && /^  [a-z]+:$/ { print $1 }' \
    "$action/action.yml" | tr -d ':')
[ "$(echo "$inputs" | wc -l)" -ge 5 ] || complain "too few inputs: $inputs"
for input in $inputs; do
    says "$action/action.yml" "inputs.$input }}"
    says "$action/grade.sh" "UNSTUCK_$(echo "$input" | tr '[:lower:]' '[:upper:]')"
done
ok "every input of the action reaches the script"

plan

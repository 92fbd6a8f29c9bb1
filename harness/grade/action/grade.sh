#!/bin/sh
# What the action does: one container, without network, that sees the submission and cannot change it.
set -u
: "${UNSTUCK_IMAGE:?the image of the grader}" "${UNSTUCK_FOLDER:?the folder to grade}"
: "${UNSTUCK_RESULTS:?the folder for results}" "${GITHUB_OUTPUT:?a runner sets it}"

folder=$(cd -- "$UNSTUCK_FOLDER" && pwd) || exit 2
mkdir -p -- "$UNSTUCK_RESULTS" && results=$(cd -- "$UNSTUCK_RESULTS" && pwd) || exit 4
chmod a+rwx "$results" # the container's user is another one
summary=${GITHUB_STEP_SUMMARY:-$results/summary.md}
: >>"$results/summary.md"

set -- grade --seed "${UNSTUCK_SEED:-1}" --format json=/results/result.json
if [ -n "${UNSTUCK_SHARD-}" ]; then
    set -- "$@" --shard "$UNSTUCK_SHARD"
else
    set -- "$@" --format junit=/results/junit.xml --format github
fi
chmod a+rw "$results/summary.md"
docker run --rm --network none --read-only --tmpfs /tmp:exec --cap-drop ALL \
    --security-opt no-new-privileges --pids-limit 512 \
    --volume "$folder:/submission:ro" --volume "$results:/results" \
    --env GITHUB_STEP_SUMMARY=/results/summary.md "$UNSTUCK_IMAGE" "$@"
code=$?
[ "$summary" = "$results/summary.md" ] || cat "$results/summary.md" >>"$summary"
echo "result=$results/result.json" >>"$GITHUB_OUTPUT"
exit $code

#!/bin/sh
# Build the serving image and push it, unless its tag is there already: what CodeBuild runs in the project's root.
# Prints the digest of the image that it is based on, as its label has it; all else goes to standard error.
#   REPOSITORY, REPOSITORY_NAME, TAG   where to, in Amazon ECR
#   REGISTRY                           where the base comes from, with a slash at its end
#   BASE_DIGEST                        what the base must be, sha256:…; none for what its tag names today
#   OUTPUT                             the form of the image, for Docker's --output
set -eu

image="$REPOSITORY:$TAG"
base="$REGISTRY$(sed -n 's/^ARG BASE=//p' serving/Dockerfile)"

password=$(aws ecr get-login-password)
printf %s "$password" | docker login --username AWS --password-stdin "${REPOSITORY%%/*}" >&2

if aws ecr describe-images --repository-name "$REPOSITORY_NAME" --image-ids imageTag="$TAG" >&2; then
    docker pull --quiet "$image" >&2
else
    if [ -z "${BASE_DIGEST:-}" ]; then
        # Resolved once: what the label says is what is built from, whatever the tag names a second later.
        docker pull --quiet "$base" >&2
        BASE_DIGEST=$(docker image inspect --format '{{index .RepoDigests 0}}' "$base")
        BASE_DIGEST=${BASE_DIGEST##*@}
    fi
    docker build --file serving/Dockerfile --build-arg "REGISTRY=$REGISTRY" --build-arg "BASE_DIGEST=$BASE_DIGEST" \
        --provenance=false --output "$OUTPUT" --tag "$image" . >&2
    docker push "$image" >&2
fi

digest=$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.base.digest"}}' "$image")
case $digest in
    sha256:*) echo "$digest" ;;
    *) echo "the image's label says nothing of its base: '$digest'" >&2; exit 1 ;;
esac

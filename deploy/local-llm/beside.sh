#!/usr/bin/env bash
# Run a command with the local model's server beside it and the settings that name it; the server ends with the command.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
port="${KEI_LLM_PORT:-8089}"
"$here/.venv-llm/bin/python" "$here/deploy/local-llm/serve.py" "$here/.local-llm" --port "$port" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
export KEI_LLM="openai:qwen2.5-coder-1.5b" KEI_LLM_BASE_URL="http://127.0.0.1:$port/v1"
export KEI_LLM_TIMEOUT="${KEI_LLM_TIMEOUT:-300}" KEI_LLM_REQUESTS_PER_MINUTE="${KEI_LLM_REQUESTS_PER_MINUTE:-600}"
for _ in $(seq 60); do
  kill -0 "$server" 2>/dev/null || { echo "The local model's server did not start" >&2; exit 1; }
  "$here/.venv-llm/bin/python" -c "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)" "$port" 2>/dev/null && break
  sleep 1
done
"$@"

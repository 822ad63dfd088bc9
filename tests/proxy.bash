# A server before the stand-in that spoils answers on their way.

# proxy PYTHON: the stand-in behind a server that runs this for each answer; n counts answers, body
# is what comes, send(status, body, length=None, headers={}) answers.
proxy() {
	rm -f proxy.port
	python3 - "$URL" "$1" 3>&- <<-'PYTHON' &
	import http.client, http.server, sys, urllib.parse
	code, to, count = compile(sys.argv[2], "fault", "exec"), urllib.parse.urlparse(sys.argv[1]), 0
	class Handler(http.server.BaseHTTPRequestHandler):
	    protocol_version = "HTTP/1.1"
	    def do(self):
	        global count
	        count += 1
	        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
	        def forward():
	            link = http.client.HTTPConnection(to.hostname, to.port)
	            headers = {k: v for k, v in self.headers.items() if k.lower() != "accept-encoding"}
	            link.request(self.command, self.path, text, headers)
	            answer = link.getresponse()
	            return answer.status, answer.read()
	        def send(status, body, length=None, headers={}):
	            self.send_response(status)
	            for k, v in headers.items():
	                self.send_header(k, v)
	            self.send_header("Content-Length", str(len(body) if length is None else length))
	            self.end_headers()
	            self.wfile.write(body)
	            self.close_connection = length is not None
	        exec(code, {"n": count, "forward": forward, "send": send, "handler": self, "text": text, "urllib": urllib})
	    do_GET = do_POST = do_PATCH = do_DELETE = do
	    def log_message(self, *_): pass
	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	with open("proxy.new", "w") as f: f.write(f"http://127.0.0.1:{server.server_port}")
	import os; os.rename("proxy.new", "proxy.port")
	server.serve_forever()
	PYTHON
	PROXY_PID=$!
	local i
	for i in $(seq 100); do
		[ -s proxy.port ] && break
		sleep 0.05
	done
	export SF_INSTANCE_URL; SF_INSTANCE_URL=$(cat proxy.port)
}

proxy_stop() {
	[ -z "${PROXY_PID:-}" ] || kill "$PROXY_PID" 2>/dev/null || true
	PROXY_PID=
}

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images come from a registry, if the declaration allows it and no archive has them."""
import hashlib
import http.server
import json
import tarfile
import threading

import support


class Registry(http.server.BaseHTTPRequestHandler):
    """One image of one name, read-only."""
    content = {}
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        kind, body = self.content.get(self.path, (None, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def offer(archive, name, tag):
    """Puts the image of an archive into the registry. Returns its digest."""
    with tarfile.open(archive) as tar:
        parts = json.load(tar.extractfile("manifest.json"))[0]
        config, layer = (tar.extractfile(parts["Config"]).read(),
                         tar.extractfile(parts["Layers"][0]).read())
    start, oci = f"/v2/{name}/", "application/vnd.oci.image."

    def blob(data, kind):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        Registry.content[start + "blobs/" + digest] = ("application/octet-stream", data)
        return {"mediaType": oci + kind, "digest": digest, "size": len(data)}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
                           "config": blob(config, "config.v1+json"),
                           "layers": [blob(layer, "layer.v1.tar")]}).encode()
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    for reference in [tag, digest]:
        Registry.content[start + "manifests/" + reference] = (oci + "manifest.v1+json", manifest)
    Registry.content["/v2/"] = ("application/json", b"{}")
    return digest


class Pull(support.RunTest):
    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.registry = f"127.0.0.1:{server.server_port}"
        self.digest = offer(self.image, "demo/app", "7")
        Registry.asked.clear()

    def allow(self, *what):
        self.declare(f"[recipes.demo]\nsource = \"demo\"\nallow = {json.dumps(what)}\n")

    def test_pull(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", image_name=self.registry + "/demo/app:7")
        self.allow()
        result, said = self.run_test("demo", "--tiers", "install", status=1)
        self.assertIn('allow = ["pull"]', self.reason(result, "install"), said)
        self.assertEqual(Registry.asked, [])
        self.allow("pull")
        result, said = self.run_test("demo", "--tiers", "install")
        self.assertEqual(self.rungs(result)["install"], "pass", said)
        self.assertIn(self.registry + "/demo/app:7", result["images"])
        recipe.release("1.0.1+1", image_name=f"{self.registry}/demo/app:7@{self.digest}")
        result, said = self.run_test("demo", "--tiers", "install")
        self.assertNotIn("image", {d["key"] for d in result["deviations"]}, said)
        recipe.release("1.0.2+1", image_name=self.registry + "/demo/none:1")
        result, said = self.run_test("demo", "--tiers", "install", status=1)
        self.assertIn("cannot be pulled", self.reason(result, "install"), said)
        self.assertEqual(self.traces(), [])


if __name__ == "__main__":
    support.main()

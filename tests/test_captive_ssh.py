# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that names its login page's API, over real SSH: from the router's DHCP client to a
person's screen."""

from pathlib import Path

import pytest

from tests.laptop import Laptop, new_home
from tests.served import Served, checked
from tests.test_end_to_end_ssh import TRIPS
from wifirelay.sim.neighbourhood_train import API

pytestmark = pytest.mark.dropbear

PAGE = "https://login.train.example/login?visitor=176"


def test_its_page_and_its_session_reach_a_laptop(tmp_path: Path) -> None:
    with checked(Served(tmp_path, "train")) as served:
        laptop = Laptop(new_home(tmp_path), served)
        server = served.ssh()
        laptop.configure(server.port)
        laptop.trust()
        config = laptop.home / ".config/wifirelay/config.yaml"
        text = config.read_text("utf-8")
        config.write_text(text.replace("networks: []", "networks: [{ssid: TrainWifi}]"), "utf-8")
        laptop.run("join", "TrainWifi", "--login")
        kept = Path(served.router.root.here("/var/run/wifirelay/api.wwan"))
        served.wait("the hook has written", kept.exists)
        assert kept.read_text("ascii") == API.encode().hex() + "\n"
        internet = laptop.run("--json", "status").object["internet"]
        assert (internet["verdict"], internet["portal_url"]) == ("portal", PAGE)
        served.world.air.passed.add(b"TrainWifi")
        sent = len(served.commands())
        status = laptop.run("--json", "status").object
        assert len(served.commands()) - sent <= TRIPS
        assert status["internet"]["verdict"] == "online"
        assert status["internet"]["portal_api"]["seconds_left"] == 3600
        laptop.run("leave")
        served.wait("the lease is given up", lambda: not kept.exists())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Every fault by its name, with the seconds that it may last."""

from tests.laboratory import faults_air as air
from tests.laboratory import faults_controller as controller
from tests.laboratory import faults_router as router
from tests.laboratory.fault import Fault

FAULTS = {
    fault.name: fault
    for fault in (
        Fault("kill", controller.kill),
        Fault("crash", controller.crash),
        Fault("interrupt", controller.interrupt),
        Fault("hang", controller.hang, (20.0, 90.0, 200.0)),
        Fault("cut", controller.cut, (3.0, 25.0, 200.0, 700.0)),
        Fault("silence", controller.silence, (5.0, 40.0, 150.0)),
        Fault("half", controller.half),
        Fault("late", controller.late, (2.0, 9.0, 35.0)),
        Fault("again", controller.again, (1.0, 15.0, 70.0)),
        Fault("power", router.power, (0.0, 20.0)),
        Fault("reboot", router.reboot),
        Fault("oom", router.oom),
        Fault("rpcd", router.rpcd, (3.0, 30.0)),
        Fault("netifd", router.netifd, (3.0, 15.0)),
        Fault("reload-fails", router.reload_fails, (10.0, 100.0)),
        Fault("reload-hangs", router.reload_hangs, (15.0, 100.0)),
        Fault("radio-gone", router.radio_gone, (10.0, 60.0)),
        Fault("ap-stuck", router.ap_stuck, (60.0, 300.0)),
        Fault("scan-busy", router.scan_busy, (10.0, 120.0)),
        Fault("scan-fails", router.scan_fails, (10.0, 120.0)),
        Fault("scan-garbage", router.scan_garbage, (10.0, 120.0)),
        Fault("ram-full", router.ram_full, (5.0, 60.0)),
        Fault("flash-full", router.flash_full, (30.0, 200.0)),
        Fault("flash-read-only", router.flash_read_only, (30.0, 200.0)),
        Fault("table-full", router.table_full, (2.0, 20.0)),
        Fault("clock", router.clock),
        Fault("sentry-killed", router.sentry_killed),
        Fault("sentry-hangs", router.sentry_hangs, (10.0, 100.0)),
        Fault("upstream-gone", air.upstream_gone, (15.0, 150.0)),
        Fault("subnet", air.subnet),
        Fault("internet-gone", air.internet_gone, (30.0, 150.0)),
    )
}

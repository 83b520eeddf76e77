# What /etc/config/wifirelay holds now, as a number: an edit is for what its owner saw.
uci -q export wifirelay | sha256sum

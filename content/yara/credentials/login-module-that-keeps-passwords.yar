rule login_module_that_keeps_passwords
{
    meta:
        id = "e42d5fdb-aa16-4f88-8b62-33eb4d12b491"
        title = "Login module that writes down passwords"
        description = "A module of PAM, or a changed sshd, that puts name and password of whoever signs in into a file or onto the network. Every password that was typed on this machine since it was installed is known to somebody."
        severity = "critical"
        techniques = "T1556.003, T1556"
        false_positives = "Modules for tests of PAM"
        author = "Vedette"
    strings:
        $pam = /\bpam_sm_authenticate\b/
        $token = /\bpam_get_(authtok|item|user)\b/
        $sshd = "OpenSSH_"
        $auth = /\b(auth_password|sys_auth_passwd|userauth_passwd)\b/
        $format = /\b(user(name)?|login|id|account)\s{0,2}[=:]{1,2}\s{0,2}%s[^\x00\n]{0,20}\b(pass(word|wd)?|pw|pwd)\s{0,2}[=:]{1,2}\s{0,2}%s/ nocase
        $place = /\/(tmp|var\/tmp|dev\/shm|var\/log|usr\/(lib|include|share|local)[\w\/.-]{0,40}|etc)\/\.?[\w.-]{1,40}\x00/
        $write = /\b(fopen(64)?|open(64)?|sendto|connect|curl_easy_perform)\b/
        $magic = /\b(master|magic|secret|backdoor)[_ -]?pass(word|wd)?\b/ nocase
    condition:
        uint32(0) == 0x464c457f and filesize < 5MB and (($pam and $token) or ($sshd and $auth)) and
        (($format and $place and $write) or $magic)
}

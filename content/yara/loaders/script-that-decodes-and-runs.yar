rule script_that_decodes_and_runs
{
    meta:
        id = "17f87550-22a1-4e86-b0a6-da20ed7b995b"
        title = "Script that decodes a text and runs it"
        description = "A script of which the larger part is encoded, and which hands what it decodes to an interpreter. What it really does cannot be read in it; decode it in a safe place."
        severity = "high"
        techniques = "T1027, T1140, T1059"
        false_positives = "Self-extracting installers of some vendors"
        author = "Vedette"
    strings:
        $shell = /echo\s{1,4}(-n\s{1,4})?['"]?[A-Za-z0-9+\/]{120,4000}={0,2}['"]?\s{0,4}\|\s{0,4}base64\s{1,4}(-d|-D|--decode)\s{0,4}\|\s{0,4}(sudo\s{1,4})?(\/bin\/)?(ba|da|z|k)?sh\b/
        $here = /base64\s{1,4}(-d|--decode)\s{0,4}<<<?[^\n]{0,40}[^|]{120,4000}\|\s{0,4}(ba|da|z)?sh\b/
        $python = /\bexec\s{0,4}\(\s{0,4}(__import__\s{0,4}\(\s{0,4}['"](base64|zlib|marshal|codecs)['"]\s{0,4}\)|base64|zlib|marshal|codecs)\s{0,4}\.\s{0,4}(b64decode|b32decode|b85decode|decompress|loads|decode)\s{0,4}\(/
        $python_lambda = /\bexec\s{0,4}\(\s{0,4}\(\s{0,4}_\s{0,4}\)\s{0,4}\(\s{0,4}b?['"]/
        $perl = /\beval\s{0,4}\(?\s{0,4}(unpack\s{0,4}\(?\s{0,4}u?\s{0,4}=>|decode_base64\s{0,4}\(|pack\s{0,4}\(?\s{0,4}['"]H\*['"])/
        $node = /\beval\s{0,4}\(\s{0,4}Buffer\s{0,4}\.\s{0,4}from\s{0,4}\(\s{0,4}['"][A-Za-z0-9+\/=]{120}/
    condition:
        filesize < 2MB and uint32(0) != 0x464c457f and any of them
}

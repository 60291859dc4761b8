#pragma once

#include <stddef.h>

/* What is said to a session as raw bytes, and what it is to answer. */
#define LOGIN "USER cam\r\nPASS secret\r\n"
#define IN "220 331 230"

struct script {
        const char *name;
        const char *said;
        const char *codes;
        const char *reply;   /* to be found in the replies; NULL: nothing more */
        const char *actions; /* likewise, in the actions */
};

static const struct script scripts[] = {
        {"Dahua: ALLO is answered 200", LOGIN "ALLO 40000\r\n", IN " 200", NULL, NULL},
        {"lower case", "user cam\r\npass secret\r\nepsv\r\nstor a.jpg\r\nquit\r\n",
         IN " 229 150 226 221", NULL, "store /a.jpg;close;"},
        {"bare LF", "USER cam\nPASS secret\nEPSV\nSTOR a.jpg\n", IN " 229 150 226", NULL,
         "/a.jpg;"},
        {"two CR before LF", "USER cam\r\r\nPASS secret\r\r\nEPSV\r\r\nSTOR a.jpg\r\r\n",
         IN " 229 150 226", NULL, "store /a.jpg;"},
        {"blank lines", "\r\n\nUSER cam\r\n\r\n  \r\n\t\r\n\r\r\nPASS secret\r\n\r\nNOOP\r\n",
         IN " 200", NULL, NULL},
        {"blanks before the verb and behind", "  USER cam\r\nPASS secret\r\nNOOP \r\nSTRU F \r\n",
         IN " 200 200", NULL, "login cam;"},
        {"a tab parts as well", "USER\tcam\r\nPASS\tsecret\r\n", IN, NULL, "login cam;"},
        {"chains of CWD and PWD", LOGIN "CWD /a\r\nPWD\r\nCWD b\r\nPWD\r\nSIZE x.jpg\r\nNOOP\r\n",
         IN " 550 257 550 257 550 200", "257 \"/\" ", NULL},
        {"a folder that a camera relies on and never makes",
         LOGIN "CWD /cam\r\nCWD cam\r\n" LOGIN "CWD /other\r\nCWD /cam\r\nPWD\r\n" LOGIN
               "CWD cam\r\nEPSV\r\nSTOR a\r\nCWD /cam/a/b\r\n" LOGIN "CWD /cam/a/b\r\n",
         IN " 550 550 331 230 550 250 257 331 230 250 229 150 226 550 331 230 550", "257 \"/cam\"",
         "store /cam/a;"},
        {"STOR to a deep path makes the folders",
         LOGIN "EPSV\r\nSTOR a/b/c/d.jpg\r\nCWD /a/b/c\r\nSIZE d.jpg\r\nPWD\r\n",
         IN " 229 150 226 250 213 257", "213 40000\r\n257 \"/a/b/c\" ", "store /a/b/c/d.jpg;"},
        {"MKD makes parents", LOGIN "MKD a/b/c\r\nCWD a/b/c\r\nPWD\r\n", IN " 257 250 257",
         "257 \"/a/b/c\" was made", NULL},
        {"MKD of what exists", LOGIN "MKD a\r\nMKD a\r\nCWD a\r\nPWD\r\n", IN " 257 550 250 257",
         "550 \"/a\" exists", NULL},
        {"X forms", LOGIN "XMKD a\r\nXCWD a\r\nXPWD\r\nXCUP\r\nXRMD a\r\nXCWD a\r\n",
         IN " 257 250 257 250 250 550", "257 \"/a\" is", NULL},
        {"slashes of all kinds",
         LOGIN "MKD \\a\\\\b\\\r\nCWD //a///b//\r\nPWD\r\nCWD ..\\..\\..\\..\r\nPWD\r\nEPSV\r\n"
               "STOR ..\\..\\/..//etc\\passwd\r\n",
         IN " 257 250 257 250 257 229 150 226", "257 \"/a/b\" is", "store /etc/passwd;"},
        {"quotes are doubled", LOGIN "MKD a\"b\r\nCWD a\"b\r\nPWD\r\n", IN " 257 250 257",
         "257 \"/a\"\"b\" was made", NULL},
        {"a fixed name written over", LOGIN "EPSV\r\nSTOR a.jpg\r\nEPSV\r\nSTOR a.jpg\r\n",
         IN " 229 150 226 229 150 226", NULL, "store /a.jpg;store /a.jpg;"},
        {"STOU", LOGIN "EPSV\r\nSTOU\r\nEPSV\r\nSTOU x.jpg\r\nEPSV\r\nSTOU x.jpg\r\n",
         IN " 229 150 226 229 150 226 229 150 226", "150 FILE: x.jpg\r\n226 Stored",
         "store /upload;store /x.jpg;store /x.jpg."},
        {"APPE and REST of what is not there",
         LOGIN "EPSV\r\nSTOR a.jpg\r\nEPSV\r\nAPPE a.jpg\r\nREST 100\r\nSTOR a.jpg\r\n",
         IN " 229 150 226 229 550 350 550", NULL, NULL},
        {"APPE to a log", LOGIN "EPSV\r\nSTOR log.txt\r\nEPSV\r\nAPPE log.txt\r\nSIZE log.txt\r\n",
         IN " 229 150 226 229 150 226 213", "213 80000", "store /log.txt;store /log.txt;"},
        {"APPE to a folder", LOGIN "MKD a.txt\r\nEPSV\r\nAPPE a.txt\r\n", IN " 257 229 550", NULL,
         NULL},
        {"two blanks before a path",
         LOGIN "MKD  /a\r\nCWD   /a\r\nEPSV\r\nSTOR  \\b.jpg\r\nEPSV\r\nSTOR  c.jpg\r\n",
         IN " 257 250 229 150 226 229 150 226", NULL, "store /b.jpg;store /a/ c.jpg;"},
        {"telnet asks for options",
         "\xff\xfb\x01\xff\xfd\x03USER cam\r\n\xff\xf1PASS secret\r\nMKD \xff\xfb\x41\r\n",
         IN " 257", "\xff\xfb\x41", "login cam;"},
        {"APPE of a new name", LOGIN "EPSV\r\nAPPE n.jpg\r\n", IN " 229 150 226", NULL,
         "store /n.jpg;"},
        {"REST counts once", LOGIN "REST 100\r\nEPSV\r\nSTOR a.jpg\r\nSTOR a.jpg\r\n",
         IN " 350 229 550 150 226", NULL, "store /a.jpg;"},
        {"Reolink's test",
         LOGIN "MKD camera_test123\r\nCWD camera_test123\r\nEPSV\r\n"
               "STOR test-120000.jpg\r\nDELE test-120000.jpg\r\nCDUP\r\n"
               "RMD camera_test123\r\n",
         IN " 257 250 229 150 226 250 250 250", NULL, NULL},
        {"150, never 125", LOGIN "EPSV\r\nSTOR a.jpg\r\n", IN " 229 150 226", NULL, NULL},
        {"NOOP is 200 at any time", "NOOP\r\n" LOGIN "NOOP\r\n", "220 200 331 230 200", NULL, NULL},
        {"questions before the login",
         "FEAT\r\nSYST\r\nOPTS UTF8 ON\r\nopts utf8 on\r\nSTRU F\r\nMODE S\r\nTYPE A\r\nTYPE I\r\n"
         "CLNT x\r\nHELP\r\nSTAT\r\n",
         "220 211 215 200 200 200 200 200 200 200 214 211", "215 UNIX Type: L8", NULL},
        {"questions after the login",
         LOGIN "FEAT\r\nSYST\r\nOPTS UTF8 ON\r\nSTRU F\r\nMODE S\r\nTYPE A\r\nTYPE A N\r\nTYPE L "
               "8\r\nSITE CHMOD 644 a\r\n",
         IN " 211 215 200 200 200 200 200 200 200", " UTF8\r\n", NULL},
        {"USER again", LOGIN "MKD a\r\nCWD a\r\nUSER cam\r\nPWD\r\nPASS secret\r\nPWD\r\n",
         IN " 257 250 331 530 230 257", "257 \"/\" is", "login cam;end;login cam;"},
        {"REIN", LOGIN "REIN\r\nPWD\r\n" LOGIN "PWD\r\n", IN " 220 530 331 230 257", NULL, "end;"},
        {"not before the login", "STOR a\r\nMKD a\r\nEPSV\r\nLIST\r\nPASS secret\r\n",
         "220 530 530 530 530 503", NULL, NULL},
        {"wrong password, then the right one", "USER cam\r\nPASS wrong\r\n" LOGIN,
         "220 331 530 331 230", NULL, NULL},
        {"five wrong passwords",
         "USER a\r\nPASS b\r\nUSER a\r\nPASS b\r\nUSER a\r\nPASS b\r\n"
         "USER a\r\nPASS b\r\nUSER a\r\nPASS b\r\nUSER a\r\n",
         "220 331 530 331 530 331 530 331 530 331 421", NULL, NULL},
        {"Axis: PORT to itself", LOGIN "PORT 127,0,0,1,200,10\r\nSTOR a.jpg\r\n", IN " 200 150 226",
         NULL, "to 51210;store /a.jpg;"},
        {"PORT to others and to services",
         LOGIN "PORT 127,0,0,2,200,10\r\nPORT 127,0,0,1,0,25\r\n"
               "PORT 127,0,0,1,3,255\r\nPORT 1,2,3\r\n"
               "PORT 127,0,0,1,256,1\r\nPORT 127,0,0,1,1,1,1\r\n"
               "STOR a.jpg\r\n",
         IN " 500 500 500 501 501 501 425", NULL, NULL},
        {"EPRT",
         LOGIN "EPRT |1|127.0.0.1|51210|\r\nSTOR a.jpg\r\nEPRT |1|10.0.0.1|51210|\r\n"
               "EPRT |3|127.0.0.1|51210|\r\nEPRT |1|127.0.0.1|80|\r\nEPRT\r\nEPRT |\r\n"
               "EPRT ||||\r\nEPRT |1|127.0.0.1|9999999|\r\nEPRT |1|x|51210|\r\n",
         IN " 200 150 226 500 522 500 501 501 522 500 501", NULL, "to 51210;"},
        {"PASV names the local address", LOGIN "PASV\r\n", IN " 227",
         "227 Entering passive mode (192,168,0,7,18,52)\r\n", NULL},
        {"EPSV",
         LOGIN "EPSV\r\nEPSV 1\r\nEPSV 2\r\nEPSV ALL\r\nPASV\r\nPORT 127,0,0,1,200,1\r\n"
               "EPSV\r\nSTOR a.jpg\r\n",
         IN " 229 229 522 200 501 501 229 150 226", "229 Entering extended passive mode (|||4660|)",
         NULL},
        {"no data connection", LOGIN "STOR a.jpg\r\nLIST\r\n", IN " 425 425", NULL, NULL},
        {"names in other encodings",
         LOGIN "EPSV\r\nSTOR \xb2\xe2\xca\xd4.jpg\r\nEPSV\r\n"
               "STOR \x83\x65\x83\x58.jpg\r\nEPSV\r\nSTOR \xc3\xa9.jpg\r\n",
         IN " 229 150 226 229 150 226 229 150 226", NULL,
         "store /\xb2\xe2\xca\xd4.jpg;store /\x83\x65\x83\x58.jpg;store /\xc3\xa9.jpg;"},
        {"brackets, signs and blanks in names",
         LOGIN "EPSV\r\nSTOR [M] a@b+c (1)*.jpg\r\nSIZE [M] a@b+c (1)*.jpg\r\nSIZE *\r\n",
         IN " 229 150 226 213 550", NULL, "store /[M] a@b+c (1)*.jpg;"},
        {"TLS: AUTH TLS", "AUTH TLS\r\nPBSZ 0\r\nPROT P\r\n" LOGIN "PROT C\r\nCCC\r\nAUTH TLS\r\n",
         "220 234 200 200 331 230 200 533 503", NULL, "tls;login cam;"},
        {"TLS: AUTH SSL", "AUTH SSL\r\nPBSZ 0\r\nPROT P\r\n" LOGIN, "220 234 200 200 331 230", NULL,
         "tls;"},
        {"TLS: what is not there", "AUTH KERBEROS\r\nPROT P\r\nPROT X\r\n", "220 504 503 536", NULL,
         NULL},
        {"TLS ends what was logged in", LOGIN "AUTH TLS\r\nPWD\r\n", IN " 234 530", NULL, NULL},
        {"telnet IP and Synch before ABOR",
         LOGIN "\xff\xf4\xff\xf2"
               "ABOR\r\nNOOP\r\n",
         IN " 226 200", NULL, NULL},
        {"commands that are none", LOGIN "FOO\r\nSITE EXEC ls\r\nSTRU R\r\nMODE Z\r\nTYPE E\r\n",
         IN " 502 504 504 504 504", NULL, NULL},
        {"names that are missing", LOGIN "EPSV\r\nSTOR\r\nDELE\r\nRMD\r\nMKD\r\nRNFR\r\nREST\r\n",
         IN " 229 501 501 501 501 501 501", NULL, NULL},
        {"renaming",
         LOGIN "EPSV\r\nSTOR a.bin\r\nRNFR a.bin\r\nRNTO b/c.bin\r\nSIZE b/c.bin\r\n"
               "SIZE a.bin\r\nRNTO d\r\nRNFR x\r\n",
         IN " 229 150 226 350 250 213 550 503 550", NULL, NULL},
        {"QUIT ends it", LOGIN "QUIT\r\nNOOP\r\nSTOR a\r\n", IN " 221", NULL, "close;"},
        {"LIST, NLST and MLSD",
         LOGIN "EPSV\r\nSTOR a b.jpg\r\nMKD d\r\nEPSV\r\nLIST -la\r\nEPSV\r\n"
               "NLST\r\nEPSV\r\nMLSD\r\nEPSV\r\nLIST nowhere\r\nMLST a b.jpg\r\n",
         IN " 229 150 226 257 229 150 226 229 150 226 229 150 226 229 150 226 250",
         " type=file;size=40000;modify=20140523120820.529; /a b.jpg\r\n",
         "send;-rw-r--r-- 1 camera camera        40000 May 23 12:08 a b.jpg\r\n"
         "drwxr-xr-x 1 camera camera         4096 May 23 12:08 d\r\n"
         "send;a b.jpg\r\nd\r\n"
         "send;type=file;size=40000;modify=20140523120820.529; a b.jpg\r\n"
         "type=dir;modify=20140523120820.529; d\r\nsend;"},
        {"MDTM and MFMT",
         LOGIN "EPSV\r\nSTOR a\r\nMDTM a\r\nMFMT 20130101000000 a\r\nMDTM a\r\n"
               "MFMT x a\r\nMDTM b\r\n",
         IN " 229 150 226 213 213 213 501 550", "213 20130101000000\r\n", NULL},
        {"MDTM with a time sets it, as many clients have it",
         LOGIN "EPSV\r\nSTOR a\r\nMDTM 20130101000000 a\r\nMDTM a\r\nMDTM 20130101000000 b\r\n",
         IN " 229 150 226 213 213 550", "213 20130101000000\r\n", NULL},
        {"downloads are for those who may", LOGIN "EPSV\r\nSTOR a\r\nEPSV\r\nRETR a\r\n",
         IN " 229 150 226 229 550", NULL, NULL},
};

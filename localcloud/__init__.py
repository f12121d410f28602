"""The whole backend on this machine: ministack as the cloud, and the same template as on AWS."""
